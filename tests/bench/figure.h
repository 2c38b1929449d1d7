// The figures, one function and one file each. Every one makes its own floor in the same run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace baton::bench {

struct Scale {
  bool short_run = false;
  int times(int full, int few) const { return short_run ? few : full; }
};

struct Row {
  std::string name;
  double measured = 0;
  std::string unit;
  std::optional<double> floor;  // same unit
  std::string aim;              // in words
  std::optional<bool> met;      // nothing: told for information
};

using Rows = std::vector<Row>;

Rows drop_to_handoff(const Scale& scale);
Rows throughput(const Scale& scale);
Rows queue_file(const Scale& scale);
Rows memory(const Scale& scale);
Rows idle(const Scale& scale);
Rows command_line(const Scale& scale);
Rows restart(const Scale& scale);
Rows exit_to_feed(const Scale& scale);
Rows mass_exit(const Scale& scale);
Rows heartbeats(const Scale& scale);
Rows false_verdicts(const Scale& scale);
Rows agents(const Scale& scale);
Rows worktrees(const Scale& scale);
Rows chaos(const Scale& scale);
Rows no_op(const Scale& scale);

}  // namespace baton::bench
