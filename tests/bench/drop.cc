// Drop to handoff: from the rename into the drop folder until the handoff is seen by an inotify watch on the master's folder.
#include "bench/figure.h"
#include "bench/floor.h"
#include "bench/site.h"

namespace baton::bench {

namespace {
constexpr double k_pause_ms = 2;  // between two drops; the throughput figure is the one without a pause
}

Rows drop_to_handoff(const Scale& scale) {
  const int times = scale.times(500, 50);
  Site site;
  site.start();
  FloorProcess floor(site.folder() + "/floor");
  Arrivals handoffs(site.handoffs()), answers(floor.out());
  std::vector<double> measured, least;
  // One by one in turn, so that both see the same moments of the machine.
  for (int n = 0; n < times; ++n) {
    const std::string id = "drop-" + std::to_string(n);
    double begin = now_ms();
    site.drop(id);
    measured.push_back(handoffs.await(Site::handoff_name(id)) - begin);
    begin = now_ms();
    put_file(floor.in(), id, task(id));
    least.push_back(answers.await(id) - begin);
    let_pass(k_pause_ms);
  }
  const double p50 = percentile(measured, 50), p99 = percentile(measured, 99);
  const double floor50 = percentile(least, 50), floor99 = percentile(least, 99);
  return {{"drop to handoff, p50", p50, "ms", floor50, "<= 2.5x", p50 <= 2.5 * floor50},
          {"drop to handoff, p99", p99, "ms", floor99, "<= 5x", p99 <= 5 * floor99}};
}

}  // namespace baton::bench
