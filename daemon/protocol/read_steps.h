// Subtasks as somebody outside wrote them: in a task's explicit decomposition, in a planner's answer; and what they have in
// common with the steps of a playbook.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/model.h"
#include "protocol/read_checkpoint.h"
#include "protocol/tolerance.h"

namespace baton::protocol {

/// Every item of the list `subtasks` of these fields, if there is one. `commands`: of their checkpoints.
Result<> normalise_steps(Fields& fields, Commands commands = Commands::taken);
/// The same list after the schema. `pointer`: of the object that holds it.
Result<std::vector<core::SubtaskSpec>> convert_steps(const Document& document, const nlohmann::json& object,
                                                     const std::string& pointer);

/// What subtasks and the steps of a playbook call alike; `master` is what the one who does it is called.
void normalise_piece(Fields& fields, const char* master, std::initializer_list<const char*> older_master);
/// The same members after the schema.
template <class Piece>
void convert_piece(const nlohmann::json& object, Piece& piece) {
  piece.title = text_of(object, "title");
  piece.description = text_of(object, "description");
  piece.worker_type = text_of(object, "worker_type");
  piece.dependencies = texts_of(object, "dependencies");
  piece.estimated_minutes = static_cast<int>(integer_of(object, "estimated_duration_minutes"));
  piece.estimated_tokens = integer_of(object, "estimated_tokens");
  piece.success_criteria = text_of(object, "success_criteria");
  piece.orchestrate = boolean_of(object, "orchestrate");
}

}  // namespace baton::protocol
