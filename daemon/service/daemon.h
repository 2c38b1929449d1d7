// `baton daemon`: the program around the turn.
#pragma once

#include <string>

namespace baton::service {

struct DaemonOptions {
  std::string coordination;  // absolute path of the coordination folder
  bool verbose = false;
};

/// Runs until SIGTERM or SIGINT. Exit codes: 0 stopped when asked to, 1 cannot go on (the message says why), 3 no such folder, or
/// none that `baton init` made, 5 another daemon holds the folder, 8 settings or journal cannot be read, or the journal that was
/// used last lies elsewhere (everything is kept as it is).
int run_daemon(const DaemonOptions& options);

}  // namespace baton::service
