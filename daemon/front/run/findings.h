// What the analysis of prompts found, for people and as data.
#pragma once

#include <vector>

#include "front/analysis/analysis.h"
#include "front/output.h"

namespace baton::front {

/// Conflicts, who comes after whom and why, and the stages; what was left out goes to the notes.
void show_analysis(Output& out, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis);

}  // namespace baton::front
