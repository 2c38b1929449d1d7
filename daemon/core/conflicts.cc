#include "core/conflicts.h"

#include <algorithm>
#include <string_view>

#include "core/graph.h"

namespace baton::core {
namespace {

/// All who write `path`: indices of subtasks, ascending.
struct Written {
  std::string_view path;
  std::vector<std::size_t> by;
};

/// '/' sorts before every other character and the workspace before all, so that a folder is followed by what lies in it.
bool folder_first(std::string_view a, std::string_view b) {
  const auto key = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)) + 1; };
  if (a == "." || b == ".") return a == "." && b != ".";
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return key(x) < key(y); });
}

std::vector<Written> written_in(const std::vector<PlannedSubtask>& subtasks, const std::vector<std::size_t>& members) {
  std::vector<std::pair<std::string_view, std::size_t>> entries;
  for (std::size_t member : members)
    for (const std::string& file : subtasks[member].spec.files_affected) entries.emplace_back(file, member);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return folder_first(a.first, b.first); });
  std::vector<Written> written;
  for (const auto& [path, member] : entries) {
    if (written.empty() || written.back().path != path) written.push_back({path, {}});
    if (written.back().by.empty() || written.back().by.back() != member) written.back().by.push_back(member);
  }
  return written;
}

void add_conflicts(const std::vector<PlannedSubtask>& subtasks, const std::vector<Written>& written,
                   std::vector<Conflict>& conflicts) {
  std::vector<const Written*> folders;  // that hold the current path, outermost first
  for (const Written& one : written) {
    while (!folders.empty() && !paths_overlap(folders.back()->path, one.path)) folders.pop_back();
    std::vector<std::size_t> by = one.by;
    for (const Written* folder : folders) by.insert(by.end(), folder->by.begin(), folder->by.end());
    std::sort(by.begin(), by.end());
    by.erase(std::unique(by.begin(), by.end()), by.end());
    folders.push_back(&one);
    if (by.size() < 2) continue;
    Conflict conflict{std::string(one.path), {}};
    for (std::size_t member : by) conflict.subtasks.push_back(subtasks[member].spec.id);
    conflicts.push_back(std::move(conflict));
  }
}

}  // namespace

std::vector<Conflict> write_conflicts(const std::vector<PlannedSubtask>& subtasks) {
  int last_stage = 0;
  for (const PlannedSubtask& subtask : subtasks) last_stage = std::max(last_stage, subtask.stage);
  std::vector<std::vector<std::size_t>> stages(static_cast<std::size_t>(last_stage));
  for (std::size_t at = 0; at < subtasks.size(); ++at) stages[static_cast<std::size_t>(subtasks[at].stage - 1)].push_back(at);
  std::vector<Conflict> conflicts;
  for (const std::vector<std::size_t>& members : stages) add_conflicts(subtasks, written_in(subtasks, members), conflicts);
  return conflicts;
}

}  // namespace baton::core
