// One agent at work: its process in a group of its own and under a guard, the prompt on its standard input, and what it prints in
// a file of bounded size.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/guard.h"
#include "platform/process.h"
#include "runner/agent_output.h"

namespace baton::runner {

struct AgentOrder {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value, over what is inherited
  std::string cwd;                       // absolute
  std::string prompt;
  std::string output_file;       // absolute; NAME.1 beside it holds what came before
  std::string mark;              // see platform::SpawnRequest
  bool starts_services = false;  // what leaves its group goes on after it; else nothing of it does
};

class Agent {
 public:
  static constexpr std::int64_t k_output_bytes = 8 << 20;  // of one output file, of which there are two

  /// Errors: as platform::Guard::run; the output file cannot be made. `guard` outlives it.
  static Result<Agent> start(const AgentOrder& order, platform::Guard& guard);
  ~Agent();  // kills what is left
  Agent(Agent&&) noexcept;
  Agent& operator=(Agent&&) noexcept;

  int pid() const;
  /// Sleeps until it prints or ends, at most `ms`. True: it printed.
  bool wait(std::int64_t ms);
  /// Its exit, once wait() has seen it; its output is not in there.
  const std::optional<platform::Exit>& exit() const;
  const AgentNews& news() const;
  void signal(int number);  // to its group

 private:
  struct Impl;
  explicit Agent(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::runner
