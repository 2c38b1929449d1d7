// Waiting until a task has come to its end, or to where a person has to decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "front/folder.h"
#include "front/lookup.h"
#include "front/verb.h"
#include "front/views.h"

namespace baton::front {

/// Waits until the task ends, blocks or waits for approval; of a subtask, also until that has ended. Its report stands then.
/// The words of a refusal, when it was dropped and refused. timed_out. no_daemon: nobody is there to work on it.
Result<PlanView> wait_for_outcome(const Folder& folder, const Subject& subject, std::optional<std::int64_t> limit_ms);

/// The same line of one subtask.
int say_subtask(Context& context, const SubtaskView& subtask);
/// One line (and the envelope) that says how the task stands; the exit code for it.
int say_outcome(Context& context, const PlanView& plan);
/// The two parts of it, where several tasks share one envelope.
Data data_of_outcome(const PlanView& plan);
int say_outcome_in_words(Context& context, const PlanView& plan);

}  // namespace baton::front
