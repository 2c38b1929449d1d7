// What many live workers cost while they do nothing but say that they live, each once a second and none together with another.
// Floor: a process that is woken by the same files and looks at them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "bench/figure.h"
#include "bench/floor.h"
#include "bench/workers.h"

namespace baton::bench {

namespace {

/// As touch(1) does it.
void touch(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
  check(fd >= 0 && ::futimens(fd, nullptr) == 0, path);
  ::close(fd);
}

/// `beat(n, round)` for each of `count` in every second, evenly spread.
void beat_for(double seconds, int count, const std::function<void(int, int)>& beat) {
  const double begin = now_ms();
  const int all = static_cast<int>(seconds * count);
  for (int done = 0; done < all; let_pass(1))
    for (const int due = static_cast<int>((now_ms() - begin) / 1e3 * count); done < std::min(all, due); ++done)
      beat(done % count, done / count);
}

double cpu_percent(pid_t pid, double seconds, int count, const std::function<void(int, int)>& beat) {
  beat_for(2, count, beat);  // the first of each makes the file
  const double before = cpu_ms(pid), begin = now_ms();
  beat_for(seconds, count, beat);
  return 100 * (cpu_ms(pid) - before) / (now_ms() - begin);
}

}  // namespace

Rows heartbeats(const Scale& scale) {
  const int count = scale.times(1'000, 100);
  const double seconds = scale.times(20, 2);
  Site site;
  site.start();
  site.fill(count, "live");
  WorkerProcesses workers(count);
  start_work(site, "live", workers);
  FloorProcess floor(site.folder() + "/floor", "--floor-signs");
  const std::string active = site.path("worker-specs/active");
  const auto touching = [](const std::string& folder) {
    return [folder](int n, int) { touch(folder + "/" + worker_id("live", n) + ".heartbeat"); };
  };
  const auto rewriting = [&workers](const std::string& folder) {
    return [&workers, folder](int n, int round) {
      put_file(folder, worker_id("live", n) + ".json", worker_spec("live", n, workers.pid(n), round % 100));
    };
  };
  const double touched = cpu_percent(site.pid(), seconds, count, touching(active));
  const double touched_floor = cpu_percent(floor.pid(), seconds, count, touching(floor.in()));
  const double rewritten = cpu_percent(site.pid(), seconds, count, rewriting(active));
  const double rewritten_floor = cpu_percent(floor.pid(), seconds, count, rewriting(floor.in()));
  const double resident = static_cast<double>(status_number(site.pid(), "VmRSS")) / 1024;
  const std::string who = std::to_string(count) + " workers";
  return {{who + ", touched heartbeats, CPU", touched, "%", touched_floor, "<= 3 %", touched <= 3},
          {who + ", rewritten specs, CPU", rewritten, "%", rewritten_floor, "<= 6 %", rewritten <= 6},
          {who + ", resident size", resident, "MB", std::nullopt, "<= 25 MB", resident <= 25}};
}

}  // namespace baton::bench
