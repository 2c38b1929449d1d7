// What a process may do where it runs, really tried, without leaving anything behind and without starting anybody's program: a
// job like any other, so it meets the same sandbox. `baton doctor` asks for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::platform {

inline constexpr const char* k_probe_job_verb = "probe-job";

/// A program as execvp would find it.
struct ProgramLook {
  std::string path;     // empty: nowhere
  std::string problem;  // why it cannot be started; empty: it can
  bool operator==(const ProgramLook&) const = default;
};

/// Something that cannot be done.
struct Denial {
  std::string what;  // network, connections, code, priorities, folder, tmp, home
  std::string why;
  bool operator==(const Denial&) const = default;
};

struct ProbeResult {
  std::vector<ProgramLook> programs;  // as they were asked for
  std::vector<Denial> denied;
  bool no_new_privileges = false;  // no sudo, no setuid programs
  bool operator==(const ProbeResult&) const = default;
};

/// In the working folder, with the environment, of this process.
ProbeResult probe(const std::vector<std::string>& programs);

/// The result as lines of text, and back; words that are no such lines are passed over.
std::string to_lines(const ProbeResult& result);
ProbeResult from_lines(std::string_view lines);

/// `words`: what follows the verb, programs. Prints the result and ends the process.
[[noreturn]] void probe_job(int count, char** words);

}  // namespace baton::platform
