// `baton daemon`: the program around the turn.
#pragma once

#include <string>

#include "base/result.h"

namespace baton::service {

struct DaemonOptions {
  std::string coordination;  // absolute path of the coordination folder
  bool verbose = false;
};

/// Runs until SIGTERM or SIGINT. Else it cannot go on, which the log has said by then: not_found (no such folder, or none that
/// `baton init` made), refused (another daemon holds it), invalid (settings or journal cannot be read, or the journal that was
/// used last lies elsewhere; everything is kept as it is), io (anything else).
Result<> run_daemon(const DaemonOptions& options);

}  // namespace baton::service
