// The task that a run hands in: one subtask for each prompt.
#pragma once

#include <string>
#include <vector>

#include "front/analysis/analysis.h"
#include "front/data.h"

namespace baton::front {

inline constexpr std::string_view k_run_prefix = "run-";  // of its id

/// run-YYYYMMDD-HHMMSS-xxxx
std::string new_run_id();

/// A short name for each prompt: its file's, made fit and different from the others'.
std::vector<std::string> names_of(const std::vector<Prompt>& prompts);

/// Its subtasks have these names as their ids, in the given order; each depends on those that the analysis says, and what two
/// would both change keeps them apart. `analysis`: of the same prompts.
Data run_task(const std::string& id, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis);

}  // namespace baton::front
