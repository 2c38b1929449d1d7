#include "front/run/findings.h"

#include <string>

#include "base/text.h"
#include "front/data.h"

namespace baton::front {
namespace {

Data show_conflicts(Output& out, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis) {
  Data rows = Data::array();
  for (const PromptConflict& each : analysis.conflicts) {
    const std::vector<std::string> both = {prompts[each.one].file, prompts[each.other].file};
    Data row;
    row.set("prompts", both).set("files", each.files);
    rows.push(std::move(row));
    out.line(text::printable("conflict: " + both[0] + " and " + both[1] + " both change " + text::join(each.files, ", ")));
  }
  return rows;
}

Data show_dependencies(Output& out, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis) {
  Data rows = Data::array();
  for (const PromptDependency& each : analysis.dependencies) {
    const std::string &later = prompts[each.later].file, &earlier = prompts[each.earlier].file;
    Data row;
    row.set("prompt", later).set("needs", earlier).set("reason", each.reason);
    rows.push(std::move(row));
    out.line(text::printable(later + " comes after " + earlier + ": " + each.reason));
  }
  return rows;
}

Data show_stages(Output& out, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis) {
  Data rows = Data::array();
  int number = 0;
  for (const std::vector<std::size_t>& stage : analysis.stages) {
    std::vector<std::string> names;
    Data row = Data::array();
    for (const std::size_t at : stage) {
      names.push_back(prompts[at].file);
      row.push(prompts[at].file);
    }
    rows.push(std::move(row));
    out.line(text::printable("stage " + std::to_string(++number) + ": " + text::join(names, ", ")));
  }
  return rows;
}

}  // namespace

void show_analysis(Output& out, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis) {
  Data data;
  data.set("conflicts", show_conflicts(out, prompts, analysis));
  data.set("dependencies", show_dependencies(out, prompts, analysis));
  data.set("stages", show_stages(out, prompts, analysis));
  for (const std::string& note : analysis.notes) out.note(text::printable(note));
  for (std::size_t i = 0; i < prompts.size(); ++i)
    if (const auto& outside = analysis.targets[i].outside; !outside.empty())
      out.note(text::printable(
          prompts[i].file + " names files outside of the repository, which no agent is to change: " + text::join(outside, ", ")));
  out.data(data);
}

}  // namespace baton::front
