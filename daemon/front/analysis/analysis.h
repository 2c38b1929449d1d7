// What prompts that are to be worked on side by side have to do with each other: which files each will change, where two change
// the same, and which needs what another one makes. Reads the repository through its caller only.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace baton::front {

constexpr std::size_t k_max_conflict_files = 20;  // named for one pair of prompts
constexpr std::size_t k_max_sources = 5000;       // files whose imports are looked at, for all prompts together
constexpr std::size_t k_max_notes = 100;

struct Prompt {
  std::string file;   // as it was named
  std::string title;  // its first heading, or its file's name
  std::string text;   // whole, UTF-8
};

/// Paths beneath the repository's top, normalised and sorted; folders end with '/'.
struct Targets {
  std::vector<std::string> created;    // not there yet
  std::vector<std::string> modified;   // there; a glob stands for what it fits
  std::vector<std::string> mentioned;  // only to be read, or to be left alone: "see docs/api.md", "do not touch src/x.c"
  std::vector<std::string> outside;    // as written: not beneath the top, so nobody changes it
};

/// Prompts are named by their place in the list.
struct PromptConflict {
  std::size_t one = 0, other = 0;  // one < other
  std::vector<std::string> files;  // that both change; the deeper of two paths; at most k_max_conflict_files
};
struct PromptDependency {
  std::size_t later = 0, earlier = 0;
  std::string reason;  // "its src/api.py imports src/auth.py, which auth.md changes"
};

struct PromptAnalysis {
  std::vector<Targets> targets;
  std::vector<PromptConflict> conflicts;
  std::vector<PromptDependency> dependencies;    // without circles
  std::vector<std::vector<std::size_t>> stages;  // of one stage all can go at once: neither dependency nor conflict between them
  std::vector<std::string> notes;                // what was left out, and why: a circle of dependencies, for example
};

struct RepositoryFiles {
  std::vector<std::string> paths;                                           // beneath the top, sorted
  std::function<std::optional<std::string>(const std::string& path)> read;  // its text; nothing: it cannot be read, or is large
};

/// The same answer for the same prompts and files. Linear in the texts; each source is read at most once.
PromptAnalysis analyse(const std::vector<Prompt>& prompts, const RepositoryFiles& repository);

}  // namespace baton::front
