#include "front/analysis/overlaps.h"

#include <algorithm>
#include <set>

#include "front/analysis/repository.h"

namespace baton::front {
namespace {

constexpr std::size_t k_max_made = 100;

using Prompts = std::vector<std::size_t>;

/// Paths that the same prompts change are looked at together: a thousand files that hundreds of prompts change are one group.
class Groups {
 public:
  void add(const Prompts& here, const Prompts& above, const std::string& path) {
    auto& paths = paths_[{number(here), number(above)}];
    if (paths.size() < k_max_conflict_files) paths.push_back(path);
  }

  std::vector<PromptConflict> pairs() const {
    std::vector<const Prompts*> by_number(numbers_.size());
    for (const auto& [prompts, number] : numbers_) by_number[number] = &prompts;
    std::map<std::pair<std::size_t, std::size_t>, std::set<std::string_view>> found;
    for (const auto& [key, paths] : paths_)
      for (const std::size_t a : *by_number[key.first])
        for (const std::size_t b : *by_number[key.second])
          if (a != b) found[std::minmax(a, b)].insert(paths.begin(), paths.end());
    std::vector<PromptConflict> conflicts;
    conflicts.reserve(found.size());
    for (const auto& [pair, paths] : found) {
      const auto end = std::next(paths.begin(), static_cast<std::ptrdiff_t>(std::min(paths.size(), k_max_conflict_files)));
      conflicts.push_back({pair.first, pair.second, {paths.begin(), end}});
    }
    return conflicts;
  }

 private:
  std::size_t number(const Prompts& prompts) { return numbers_.try_emplace(prompts, numbers_.size()).first->second; }

  std::map<Prompts, std::size_t> numbers_;  // in the order in which they came
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::string>> paths_;
};

Prompts prompts_of(const std::vector<Changes::Change>& changes) {
  Prompts prompts;
  for (const Changes::Change& change : changes) prompts.push_back(change.prompt);
  return prompts;
}

}  // namespace

Changes::Changes(const std::vector<Targets>& targets) {
  for (std::size_t i = 0; i < targets.size(); ++i)
    for (const bool creates : {true, false})
      for (const std::string& path : creates ? targets[i].created : targets[i].modified) {
        auto& changes = by_path_[std::string(without_slash(path))];
        if (changes.empty() || changes.back().prompt != i) changes.push_back({i, creates});
      }
  for (const auto& [path, changes] : by_path_) in_folder_[std::string(folder_of(path))].push_back(path);
}

std::vector<Changes::Change> Changes::of(std::string_view path) const {
  std::vector<Change> found;
  const auto take = [&](std::string_view one) {
    if (const auto at = by_path_.find(one); at != by_path_.end()) found.insert(found.end(), at->second.begin(), at->second.end());
  };
  for (std::string_view one = without_slash(path); !one.empty(); one = folder_of(one)) take(one);
  if (path.ends_with('/'))
    if (const auto at = in_folder_.find(without_slash(path)); at != in_folder_.end())
      for (const std::string& inside : at->second) take(inside);
  return found;
}

std::vector<Changes::Change> Changes::made_in(std::string_view folder) const {
  std::vector<Change> found;
  const std::string prefix = std::string(without_slash(folder)) + '/';
  std::size_t looked_at = 0;
  for (auto at = by_path_.lower_bound(prefix); at != by_path_.end() && at->first.starts_with(prefix) && looked_at++ < k_max_made;
       ++at)
    std::ranges::copy_if(at->second, std::back_inserter(found), &Change::creates);
  return found;
}

std::vector<PromptConflict> Changes::conflicts() const {
  Groups groups;
  for (const auto& [path, changes] : by_path_) {
    const Prompts here = prompts_of(changes);
    if (here.size() > 1) groups.add(here, here, path);
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder))
      if (const auto above = by_path_.find(folder); above != by_path_.end()) groups.add(here, prompts_of(above->second), path);
  }
  return groups.pairs();
}

}  // namespace baton::front
