#include "platform/resources.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "platform/child.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::Child;

TEST_CASE("memory pressure is what some wait for") {
  CHECK(parse_pressure("some avg10=12.34 avg60=1.00 avg300=0.00 total=5\nfull avg10=3.00 avg60=0 avg300=0 total=1\n") == 12.34);
  CHECK(parse_pressure("full avg10=3.00 avg60=0\nsome avg10=0.00") == 0.0);
  for (const char* text :
       {"", "full avg10=3.00", "some avg60=1.00", "some avg10=", "some avg10=x avg60=0", "some avg10=1.0x avg60=0"})
    CHECK_FALSE(parse_pressure(text).has_value());
  if (const auto now = memory_pressure()) {
    CHECK(*now >= 0);
    CHECK(*now <= 100);
  }
}

TEST_CASE("space left") {
  const test::TempFolder folder;
  const std::int64_t free = free_bytes(folder.path()).value();
  CHECK(free > 0);
  CHECK(free <= static_cast<std::int64_t>(std::filesystem::space(folder.path()).capacity));
  const auto none = free_bytes(folder / "none");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::not_found);
}

TEST_CASE("this host has a name") {
  Child child("uname -n > new; mv new name");
  child.wait_for("name");
  CHECK(host_name() + "\n" == child.folder().get("name"));
}

TEST_CASE("the limit of descriptors is raised here, and not for what is started from here") {
  rlimit original{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &original) == 0);
  REQUIRE(original.rlim_max > 300);
  rlimit low = original;
  low.rlim_cur = 300;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);

  const rlim_t raised = raise_descriptor_limit().value();
  CHECK(raised == std::min(original.rlim_max, k_wanted_descriptors));
  CHECK(raise_descriptor_limit().value() == raised);
  Child child("ulimit -n > new; mv new limit");
  child.wait_for("limit");
  CHECK(child.folder().get("limit") == "300\n");
  rlimit now{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &now) == 0);
  CHECK(now.rlim_cur == raised);
  CHECK(now.rlim_max == original.rlim_max);
}
