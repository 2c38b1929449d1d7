// A repository that is only a table of texts, and what the analysis of prompts says about it, in words that can be compared.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "front/analysis/analysis.h"

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static doctest::String convert(const std::vector<std::string>& lines) { return baton::text::join(lines, "\n").c_str(); }
};

namespace baton::front::test {

struct FakeRepository {
  std::map<std::string, std::string> files;
  std::map<std::string, int> reads = {};  // path → how often

  RepositoryFiles use() {
    RepositoryFiles repository;
    for (const auto& [path, source] : files) repository.paths.push_back(path);
    repository.read = [this](const std::string& path) -> std::optional<std::string> {
      ++reads[path];
      const auto at = files.find(path);
      return at == files.end() ? std::nullopt : std::optional(at->second);
    };
    return repository;
  }
};

inline std::string listed(const std::vector<std::string>& parts) { return text::join(parts, " "); }

/// "+created *modified ?mentioned !outside"
inline std::string targets_in(const Targets& targets) {
  std::vector<std::string> parts;
  for (const std::string& path : targets.created) parts.push_back("+" + path);
  for (const std::string& path : targets.modified) parts.push_back("*" + path);
  for (const std::string& path : targets.mentioned) parts.push_back("?" + path);
  for (const std::string& path : targets.outside) parts.push_back("!" + path);
  return listed(parts);
}

/// "0 1 | 2"
inline std::string stages_in(const PromptAnalysis& analysis) {
  std::vector<std::string> stages;
  for (const auto& stage : analysis.stages) {
    std::vector<std::string> prompts;
    for (const std::size_t prompt : stage) prompts.push_back(std::to_string(prompt));
    stages.push_back(listed(prompts));
  }
  return text::join(stages, " | ");
}

/// "1 after 0: reason"
inline std::vector<std::string> dependencies_in(const PromptAnalysis& analysis) {
  std::vector<std::string> lines;
  for (const PromptDependency& one : analysis.dependencies)
    lines.push_back(std::to_string(one.later) + " after " + std::to_string(one.earlier) + ": " + one.reason);
  return lines;
}

/// "0 1: file file"
inline std::vector<std::string> conflicts_in(const PromptAnalysis& analysis) {
  std::vector<std::string> lines;
  for (const PromptConflict& one : analysis.conflicts)
    lines.push_back(std::to_string(one.one) + " " + std::to_string(one.other) + ": " + listed(one.files));
  return lines;
}

}  // namespace baton::front::test
