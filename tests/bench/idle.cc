// Idle: how often the daemon wakes up when nothing happens.
#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

Rows idle(const Scale& scale) {
  constexpr int tasks = 100;
  const double seconds = scale.times(30, 3);
  Site site;
  site.start();
  site.fill(tasks, "wait");
  site.await_live(tasks);
  site.await_quiet();
  const std::int64_t before = switches(site.pid());
  let_pass(1e3 * seconds);
  const auto woken = static_cast<double>(switches(site.pid()) - before);
  return {{"idle, wakeups in " + std::to_string(static_cast<int>(seconds)) + " s", woken, "", std::nullopt, "0", woken == 0}};
}

}  // namespace baton::bench
