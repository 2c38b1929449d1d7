// A site whose folder is a git repository.
#pragma once

#include <string>
#include <vector>

#include "bench/site.h"

namespace baton::bench {

class Project {
 public:
  explicit Project(int files);

  Site& site() { return site_; }
  void git(std::vector<std::string> words) const;
  /// What git printed.
  std::string ask_git(const std::string& words) const;
  /// Names of files with a prompt in each.
  std::vector<std::string> prompts(int count) const;

 private:
  Site site_;
};

}  // namespace baton::bench
