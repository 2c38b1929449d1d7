// What `checkpoint` of a task or subtask asks for, and what `checkpoints` of config.json gives names to: the programs that have
// to end with 0 before work counts as good. docs/protocol.md, "Checkpoints".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"

namespace baton::protocol {

inline constexpr std::int64_t k_check_timeout_ms = 600'000;

/// Commands that run one after the other. Each is a program and its arguments; no shell is involved.
struct Check {
  enum class From { config, document };
  std::string description;                         // in words; the name, when it comes from config.json
  std::vector<std::vector<std::string>> commands;  // at least one
  std::string cwd = ".";                           // relative to the workspace, normalised
  std::int64_t timeout_ms = k_check_timeout_ms;    // of all commands together
  From from = From::config;
  bool operator==(const Check&) const = default;
};

/// By description.
using Checks = std::map<std::string, Check, std::less<>>;

/// What is to be run for this checkpoint: its own commands, or those that `named` has for its words. Nothing: a criterion that
/// no program can look at, or none at all. `checkpoint`: JSON text as in core::SubtaskSpec.
std::optional<Check> check_of(std::string_view checkpoint, const Checks& named);

/// A checkpoint in words, or by its name, as core::SubtaskSpec has it: JSON text, the words without blanks around them.
std::string checkpoint_text(std::string_view words);

/// The same text for people: its words, else its commands, one per line.
std::string checkpoint_in_words(std::string_view checkpoint);

/// Checkpoints in words, of the task and its subtasks, that are a slip away from a name that has commands: nothing would be run.
/// `/checkpoint: "tests pas" is taken for words, no program looks at it (did you mean "tests pass"?)`
std::vector<std::string> misspelled_checkpoints(const core::TaskSpec& task, const Checks& named);

/// JSON pointer to the first commands that this task brings with it, its subtasks included; empty: it brings none.
std::string commands_of(const core::TaskSpec& task);

}  // namespace baton::protocol
