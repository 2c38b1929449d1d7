// Processes for tests: a shell line that leads its own group, and waiting for what it does.
#pragma once

#include <poll.h>
#include <sys/types.h>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include "platform/loop.h"
#include "platform/process.h"
#include "platform/temp_folder.h"

namespace baton::test {

inline constexpr int k_limit_ms = 30'000;

/// Waits until `condition` holds; false: it never did.
inline bool becomes_true(const std::function<bool()>& condition) {
  const std::int64_t deadline = platform::now().mono_ms + k_limit_ms;
  while (!condition()) {
    if (platform::now().mono_ms > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// A shell line in a folder of its own. It is not waited for unless pump() is called: once it has ended it is a zombie. Killed,
/// with its group, at the end of the test.
class Child {
 public:
  explicit Child(const std::string& line) : process_(start(line)) {}

  pid_t pid() const { return process_.pid(); }
  platform::Process& process() { return process_; }
  const TempFolder& folder() const { return folder_; }

  /// The pid that it writes into the file `name` of its folder, with a line break behind.
  pid_t pid_in(const std::string& name) const {
    if (!becomes_true([&] { return folder_.get(name).ends_with('\n'); })) throw std::runtime_error("nobody wrote " + name);
    return static_cast<pid_t>(std::stol(folder_.get(name)));
  }
  void wait_for(const std::string& name) const {
    if (!becomes_true([&] { return folder_.has(name); })) throw std::runtime_error("nobody made " + name);
  }

 private:
  platform::Process start(const std::string& line) const {
    platform::SpawnRequest request;
    request.argv = {"sh", "-c", line};
    request.cwd = folder_.path();
    return platform::Process::spawn(request).value();
  }

  TempFolder folder_;
  platform::Process process_;
};

}  // namespace baton::test
