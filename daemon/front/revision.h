// A plan done again from one of its stages on: a new task, so that what happened stays as it was.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "front/data.h"

namespace baton::front {

/// The document of the drop folder: the steps of stage `from_stage` and later as an explicit plan, each as it was planned.
/// `plan`: bytes of the plan. invalid: it is no plan; not_found: it has no such stage.
Result<Data> revision_of(std::string_view plan, const std::string& new_id, int from_stage);

}  // namespace baton::front
