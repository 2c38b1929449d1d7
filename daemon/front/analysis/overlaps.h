// Who changes what: the paths of all prompts in one table, and the pairs that change the same, or one a folder around the
// other's.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "front/analysis/analysis.h"

namespace baton::front {

class Changes {
 public:
  explicit Changes(const std::vector<Targets>& targets);

  struct Change {
    std::size_t prompt = 0;
    bool creates = false;
  };
  /// By whom `path` is changed, itself or with a folder around it. A folder, with '/' at its end: whatever lies right in it, too.
  std::vector<Change> of(std::string_view path) const;
  /// By whom something in `folder` is made, however deep. Looks at no more than a hundred paths.
  std::vector<Change> made_in(std::string_view folder) const;
  /// In the order of their prompts.
  std::vector<PromptConflict> conflicts() const;

 private:
  using Table = std::map<std::string, std::vector<Change>, std::less<>>;  // path without '/' at its end; each by prompt
  Table by_path_;
  std::map<std::string, std::vector<std::string>, std::less<>> in_folder_;  // folder → paths right in it
};

}  // namespace baton::front
