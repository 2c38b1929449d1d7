#include "front/run/task.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "front/random.h"
#include "front/run/place.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::size_t k_longest_name = 40;
constexpr std::size_t k_most_files = 500;  // of a subtask; where there are more, their folders stand for them
constexpr std::size_t k_named = 4;         // in the title

std::set<std::string> folders_of(const std::set<std::string>& files) {
  std::set<std::string> folders;
  for (const std::string& file : files) {
    const std::size_t slash = file.find('/');
    folders.insert(slash == std::string::npos ? file : file.substr(0, slash + 1));
  }
  return folders;
}

std::vector<std::string> files_of(const Targets& targets) {
  std::set<std::string> files(targets.created.begin(), targets.created.end());
  files.insert(targets.modified.begin(), targets.modified.end());
  if (files.size() > k_most_files) files = folders_of(files);
  return {files.begin(), files.end()};
}

std::string title_of(const std::vector<std::string>& names) {
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), k_named)));
  return (names.size() == 1 ? "Prompt " : "Prompts ") + text::join(first, ", ") + (names.size() > k_named ? ", ..." : "");
}

}  // namespace

std::string new_run_id() {
  const std::string id = new_task_id(platform::now().wall_ms);
  return std::string(k_run_prefix) + id.substr(id.find('-') + 1);
}

std::vector<std::string> names_of(const std::vector<Prompt>& prompts) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Prompt& prompt : prompts) {
    std::string base = text::slug(std::filesystem::path(prompt.file).stem().string(), k_longest_name);
    if (base.empty()) base = "prompt";
    std::string name = base;
    for (int n = 2; !taken.insert(name).second; ++n) name = base + "-" + std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

Data run_task(const std::string& id, const std::vector<Prompt>& prompts, const PromptAnalysis& analysis) {
  const std::vector<std::string> names = names_of(prompts);
  Data subtasks = Data::array();
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    std::vector<std::string> needed;
    for (const PromptDependency& each : analysis.dependencies)
      if (each.later == i && std::ranges::find(needed, names[each.earlier]) == needed.end())
        needed.push_back(names[each.earlier]);
    Data subtask;
    subtask.set("subtask_id", names[i]).set("title", prompts[i].title).set("description", prompts[i].text);
    subtask.set("assigned_to", k_run_master).set("worker_type", "implementation");
    subtask.set("dependencies", needed).set("files_affected", files_of(analysis.targets[i]));
    subtasks.push(std::move(subtask));
  }
  Data task;
  task.set("id", id).set("title", title_of(names)).set("orchestration_required", true).set("execution_mode", "eager");
  task.set("subtasks", std::move(subtasks));
  return task;
}

}  // namespace baton::front
