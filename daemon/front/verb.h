// What a verb of the command line is: one row with its words, options and examples, and the function that carries it out. Help,
// "did you mean" and shell completion are made from these rows; nothing else knows the list of verbs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "front/output.h"

namespace baton::front {

/// Exit codes (docs/protocol.md, "Command line").
namespace exit_code {
inline constexpr int k_ok = 0;
inline constexpr int k_no = 1;  // a task failed, or the answer is no
inline constexpr int k_usage = 2;
inline constexpr int k_not_found = 3;
inline constexpr int k_no_daemon = 4;
inline constexpr int k_refused = 5;
inline constexpr int k_waiting = 6;  // for a human
inline constexpr int k_invalid = 8;
inline constexpr int k_timed_out = 124;
}  // namespace exit_code

int exit_code_of(ErrorCode code);

enum class Group { begin, tasks, control, workers, inspect };

/// What an option's value is, when it may be empty: nobody has to have something to say.
inline constexpr std::string_view k_text = "TEXT";

/// `--name`, with a letter if it has one. No `value` = a flag.
struct Option {
  std::string_view name;
  char letter = 0;
  std::string_view value = {};  // what the value is, in capitals: "PATH"; any but k_text is refused when empty
  std::string_view help = {};
  bool many = false;  // may come several times
};

/// An argument without a dash.
struct Operand {
  std::string_view name;  // in capitals
  std::string_view help = {};
  bool required = true;
  bool many = false;          // the last one of its kind only
  bool after_dashes = false;  // what follows "--", as it is
};

struct Example {
  std::string_view line;
  std::string_view meaning = {};
};

/// What the user wrote for one verb; looked up by the names of the verb's row.
class Arguments {
 public:
  bool has(std::string_view name) const { return values_.contains(name); }
  /// The value of an option or operand; `fallback` when it was not given.
  std::string value(std::string_view name, std::string_view fallback = {}) const;
  std::vector<std::string> values(std::string_view name) const;
  /// usage: no whole number, or outside [least, most].
  Result<std::optional<std::int64_t>> number(std::string_view name, std::int64_t least, std::int64_t most) const;
  /// usage: no duration.
  Result<std::optional<std::int64_t>> duration_ms(std::string_view name) const;

  void add(std::string_view name, std::vector<std::string> values) {
    values_.insert_or_assign(std::string(name), std::move(values));
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// What holds for every verb.
struct Globals {
  std::string coordination;  // as given by --coordination; empty = not given
  bool json = false;
  bool verbose = false;
};

struct Context {
  const Arguments& arguments;
  const Globals& globals;
  Output& out;
};

/// The exit code, or what went wrong.
using Run = Result<int> (*)(Context&);

struct Verb {
  std::string_view name;
  std::string_view summary;  // one line
  Group group = Group::tasks;
  std::span<const Operand> operands = {};
  std::span<const Option> options = {};
  std::span<const Example> examples = {};
  Run run = nullptr;
};

}  // namespace baton::front
