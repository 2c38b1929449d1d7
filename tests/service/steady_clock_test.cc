// The clock that liveness counts by, while the loop is away.
#include <doctest/doctest.h>

#include "service/steady_clock.h"

using baton::Moment;
using baton::service::SteadyClock;

namespace {

/// Wall, mono and boot clock together at `ms`, the boot clock `ahead` by what the machine slept.
Moment at(std::int64_t ms, std::int64_t ahead = 0) { return {1'700'000'000'000 + ms, ms, ms + ahead}; }

}  // namespace

TEST_CASE("a loop that wakes when it asked to, or is woken, loses no time") {
  SteadyClock clock;
  CHECK(clock.read(at(1'000)) == at(1'000));
  clock.waits_until(61'000);
  CHECK(clock.read(at(61'002)) == at(61'002));
  clock.waits_until(121'002);
  CHECK(clock.read(at(62'000)) == at(62'000));
  clock.waits_until(std::nullopt);
  CHECK(clock.read(at(900'000)) == at(900'000));
}

TEST_CASE("up to five seconds of delay are the loop's own") {
  SteadyClock clock;
  clock.read(at(0));
  clock.waits_until(1'000);
  CHECK(clock.read(at(6'000)).mono_ms == 6'000);
}

TEST_CASE("time in which the loop was away does not count, once and for all") {
  SteadyClock clock;
  clock.read(at(0));
  clock.waits_until(1'000);
  const Moment back = clock.read(at(601'000));  // stopped, or a turn that took so long
  CHECK(back.mono_ms == 1'000);
  CHECK(back.boot_ms == 601'000);
  CHECK(back.wall_ms == at(601'000).wall_ms);
  clock.waits_until(602'000);
  CHECK(clock.read(at(602'000)).mono_ms == 2'000);
  clock.waits_until(603'000);
  CHECK(clock.read(at(613'000)).mono_ms == 3'000);
}

TEST_CASE("a deadline in the past asks for no time at all") {
  SteadyClock clock;
  clock.read(at(10'000));
  clock.waits_until(0);
  CHECK(clock.read(at(20'000)).mono_ms == 10'000);
}

TEST_CASE("suspend takes nothing from a clock that stood still by itself") {
  SteadyClock clock;
  clock.read(at(0));
  clock.waits_until(60'000);
  CHECK(clock.read(at(5, 3'600'000)).mono_ms == 5);
}
