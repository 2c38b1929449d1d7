// Memory: what the daemon holds resident at rest, by the number of live tasks, and whether history makes it grow.
#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

double resident_mb(const Site& site) {
  site.await_quiet();
  return static_cast<double>(status_number(site.pid(), "VmRSS")) / 1024;
}

double resident_with(Site& site, int live, const std::string& name) {
  site.fill(live, name);
  site.await_live(live);
  return resident_mb(site);
}

void end_batches(Site& site, int from, int to, int tasks) {
  for (int n = from; n < to; ++n) {
    const std::string name = "past" + std::to_string(n);
    site.fill(tasks, name);
    site.finish(tasks, name);
  }
}

}  // namespace

Rows memory(const Scale& scale) {
  const int some = scale.times(1'000, 100), many = scale.times(10'000, 500);
  const int batches = scale.times(100, 3), some_batches = scale.times(10, 1);  // of `some` tasks each: history
  Rows rows;
  {
    Site site;
    site.start();
    rows.push_back({"memory, 0 live tasks", resident_mb(site), "MB", std::nullopt, "", std::nullopt});
    site.fill(some, "first");
    site.await_live(some);
    const double at_some = resident_mb(site);
    rows.push_back({"memory, " + std::to_string(some) + " live tasks", at_some, "MB", std::nullopt, "<= 15 MB", at_some <= 15});
    site.fill(many - some, "more");
    site.await_live(many);
    rows.push_back({"memory, " + std::to_string(many) + " live tasks", resident_mb(site), "MB", std::nullopt, "", std::nullopt});
  }
  const auto name = [some](int batches_ended) {
    return "memory, " + std::to_string(some) + " live after " + std::to_string(batches_ended * some) + " ended";
  };
  Site site;
  site.start();
  end_batches(site, 0, some_batches, some);
  const double early = resident_with(site, some, "then");
  const double without = rows[1].measured;
  rows.push_back({name(some_batches), early, "MB", without, "no growth (<= 1.2x)", early <= 1.2 * without});
  site.finish(some, "then");
  end_batches(site, some_batches + 1, batches, some);
  const double late = resident_with(site, some, "now");
  rows.push_back({name(batches), late, "MB", early, "no growth (<= 1.1x)", late <= 1.1 * early});
  return rows;
}

}  // namespace baton::bench
