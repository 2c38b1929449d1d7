// Restart with many live tasks: from the start of the process to READY=1, and what it opens on the way.
#include <filesystem>
#include <sstream>

#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

constexpr double k_patience_ms = 10'000;

/// Listed inputs, the journal, and the end of the feed (which the journal is compared with).
bool may_be_read(std::string_view relative) {
  const auto below = [relative](std::string_view folder) { return relative.starts_with(folder); };
  if (relative == "task-queue.json" || relative == "orchestrator/config.json" || relative == "dashboard-events.jsonl")
    return true;
  if (below("masters/")) return relative.ends_with("/master.json");
  return below("orchestrator/state/") || below("orchestrator/playbooks/") || below("orchestrator/commands/") ||
         below("task-queue.d/") || below("worker-specs/");
}

/// Of an strace -y log: regular files of the coordination folder opened for reading before READY=1 that are no input.
int read_too_much(const std::string& log, const std::string& root) {
  int found = 0;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line) && line.find("READY=1") == std::string::npos;) {
    const auto result = line.rfind(" = ");
    const auto name = result == std::string::npos ? result : line.find('<' + root + '/', result);
    const auto reads = line.find("O_RDONLY") != std::string::npos || line.find("O_RDWR") != std::string::npos;
    const auto passes = line.find("O_DIRECTORY") != std::string::npos || line.find("O_PATH") != std::string::npos;
    if (name == std::string::npos || !reads || passes) continue;
    const auto begin = name + root.size() + 2;
    const std::string relative = line.substr(begin, line.rfind('>') - begin);
    found += !may_be_read(relative) && !std::filesystem::is_directory(root + "/" + relative);
  }
  return found;
}

}  // namespace

Rows restart(const Scale& scale) {
  const int tasks = scale.times(10'000, 500), times = scale.times(7, 2);
  Site site;
  site.start();
  site.fill(tasks, "live");
  site.await_live(tasks);
  site.await_quiet();
  std::vector<double> took;
  for (int n = 0; n < times; ++n) {
    site.stop();
    took.push_back(site.start());
  }
  const double ready = percentile(took, 50);
  Rows rows{{"restart, start to READY", ready, "ms", std::nullopt, "<= 300 ms", ready <= 300}};
  site.stop();
  if (wait_for(spawn({"sh", "-c", "command -v strace"})) != 0) return rows;
  const std::string log = site.folder() + "/strace.log";
  site.start({"strace", "-D", "-f", "-y", "-s", "256", "-e", "trace=openat,openat2,sendmsg,sendto", "-o", log});
  site.stop();
  std::string trace;
  for (const double give_up = now_ms() + k_patience_ms; trace.find("READY=1") == std::string::npos; let_pass(20)) {
    trace = read_file(log);
    if (now_ms() > give_up) throw Failure("strace saw no READY=1");
  }
  const double files = read_too_much(trace, site.path("").substr(0, site.path("").size() - 1));
  rows.push_back({"restart, files read beside inputs", files, "", std::nullopt, "0", files == 0});
  return rows;
}

}  // namespace baton::bench
