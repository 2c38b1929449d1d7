// Subtasks as somebody outside wrote them: in a task's explicit decomposition, or in a planner's answer.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model.h"
#include "protocol/tolerance.h"

namespace baton::protocol {

/// Every item of the list `subtasks` of these fields, if there is one.
Result<> normalise_steps(Fields& fields);
/// The same list after the schema. `pointer`: of the object that holds it.
Result<std::vector<core::SubtaskSpec>> convert_steps(const Document& document, const nlohmann::json& object,
                                                     const std::string& pointer);

}  // namespace baton::protocol
