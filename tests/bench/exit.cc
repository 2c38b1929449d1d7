// The end of a worker: from kill -9 until the feed says so. Floor: a process that holds the same number of pidfds, appends a line
// and syncs it, then appends the line to what is read.
#include "bench/figure.h"
#include "bench/floor.h"
#include "bench/workers.h"

namespace baton::bench {

namespace {

constexpr double k_pause_ms = 2;

std::string pids_of(const WorkerProcesses& processes) {
  std::string pids;
  for (int n = 0; n < processes.count(); ++n) pids += std::to_string(processes.pid(n)) + "\n";
  return pids;
}

/// All at once, as long as the floor needs to see and say it.
double floor_of_all(const std::string& folder, int count) {
  WorkerProcesses processes(count);
  FloorProcess floor(folder, "--floor-exits", pids_of(processes));
  Tail seen(folder + "/feed");
  const double begin = now_ms();
  processes.kill_all();
  for (std::size_t exited = 0; exited < static_cast<std::size_t>(count);) {
    const std::size_t more = seen.take(1'000).size();
    if (more == 0) throw Failure("the floor does not see all exits");
    exited += more;
  }
  return now_ms() - begin;
}

}  // namespace

Rows exit_to_feed(const Scale& scale) {
  const int times = scale.times(300, 30);
  Site site;
  site.configure(R"({"exit_grace": "1h"})");  // what follows from an exit is no part of this
  site.start();
  site.fill(times, "live");
  WorkerProcesses workers(times), others(times);
  start_work(site, "live", workers);
  FloorProcess floor(site.folder() + "/floor", "--floor-exits", pids_of(others));
  Tail feed(site.path("dashboard-events.jsonl")), least_feed(site.folder() + "/floor/feed");
  std::vector<double> measured, least;
  // One by one in turn, so that both see the same moments of the machine.
  for (int n = 0; n < times; ++n) {
    double begin = now_ms();
    workers.kill(n);
    measured.push_back(feed.await({"\"worker_exited\"", "\"" + worker_id("live", n) + "\""}) - begin);
    begin = now_ms();
    others.kill(n);
    least.push_back(least_feed.await({exit_word(others.pid(n))}) - begin);
    let_pass(k_pause_ms);
  }
  const double p50 = percentile(measured, 50), p99 = percentile(measured, 99), floor99 = percentile(least, 99);
  return {{"exit to feed, p50", p50, "ms", percentile(least, 50), "", std::nullopt},
          {"exit to feed, p99", p99, "ms", floor99, "<= 5x", p99 <= 5 * floor99}};
}

Rows mass_exit(const Scale& scale) {
  const int count = scale.times(1'000, 100);
  constexpr int patience_ms = 30'000;
  Site site;
  site.configure(R"({"exit_grace": "0s", "retry_backoff": "0s", "breaker_failures": 0})");
  site.start();
  site.fill(count, "live");
  WorkerProcesses workers(count);
  start_work(site, "live", workers);
  const double floor = floor_of_all(site.folder() + "/floor", count);
  Tail feed(site.path("dashboard-events.jsonl"));
  Arrivals handoffs(site.handoffs());
  int exited = 0, handed_out = 0;
  const double begin = now_ms();
  workers.kill_all();
  while (exited < count || handed_out < count) {
    handed_out += static_cast<int>(handoffs.take(5).size());
    for (const std::string& line : feed.take(0)) exited += line.find("\"worker_exited\"") != std::string::npos;
    if (now_ms() - begin > patience_ms)
      throw Failure(std::to_string(exited) + " exits were seen, " + std::to_string(handed_out) + " handed out again");
  }
  const double took = now_ms() - begin;
  return {{std::to_string(count) + " exits at once, all handed out again", took, "ms", floor, "<= 1 s", took <= 1'000}};
}

}  // namespace baton::bench
