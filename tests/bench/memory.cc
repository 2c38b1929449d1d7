// Memory: what the daemon holds resident at rest, by the number of live tasks, and whether history makes it grow.
#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

double resident_mb(const Site& site) {
  site.await_quiet();
  return static_cast<double>(status_number(site.pid(), "VmRSS")) / 1024;
}

}  // namespace

Rows memory(const Scale& scale) {
  const int some = scale.times(1'000, 100), many = scale.times(10'000, 500);
  const int batches = scale.times(100, 2);  // of `some` tasks each: history
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
  Site site;
  site.start();
  for (int n = 0; n < batches; ++n) {
    const std::string name = "past" + std::to_string(n);
    site.fill(some, name);
    site.finish(some, name);
  }
  site.fill(some, "now");
  site.await_live(some);
  const double after = resident_mb(site);
  const double without = rows[1].measured;
  const std::string name = "memory, " + std::to_string(some) + " live after " + std::to_string(batches * some) + " ended";
  rows.push_back({name, after, "MB", without, "no growth (<= 1.2x)", after <= 1.2 * without});
  return rows;
}

}  // namespace baton::bench
