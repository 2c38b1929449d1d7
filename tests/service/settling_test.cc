#include "service/settling.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr std::int64_t k_settle = 1'000, k_max_open = 10'000;
Moment at(std::int64_t ms) { return {ms, ms, ms}; }

}  // namespace

TEST_CASE("a file that nobody writes may be judged at once") {
  Workshop workshop;
  workshop.put("a.json", "{}");
  service::Settling settling(workshop.folder.path());
  CHECK(settling.settled("a.json", workshop.identity("a.json"), at(5), k_settle, k_max_open));
  CHECK_FALSE(settling.next_deadline().has_value());
}

TEST_CASE("a file that is open for writing waits, but not for ever") {
  Workshop workshop;
  workshop.put("a.json", "{}");
  service::Settling settling(workshop.folder.path());
  const auto identity = workshop.identity("a.json");
  platform::Fd writer(::open((workshop.folder / "a.json").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer);
  CHECK_FALSE(settling.settled("a.json", identity, at(100), k_settle, k_max_open));
  CHECK(settling.next_deadline() == 1'100);
  CHECK(settling.due(at(1'099)).empty());
  CHECK(settling.due(at(1'100)) == std::vector<std::string>{"a.json"});
  CHECK_FALSE(settling.settled("a.json", identity, at(10'099), k_settle, k_max_open));
  CHECK(settling.settled("a.json", identity, at(10'100), k_settle, k_max_open));

  CHECK_FALSE(settling.settled("a.json", identity, at(20'000), k_settle, k_max_open));
  writer = platform::Fd();
  CHECK(settling.settled("a.json", identity, at(20'001), k_settle, k_max_open));
  CHECK_FALSE(settling.next_deadline().has_value());
}

TEST_CASE("what is due is named once: who still cares says so again") {
  Workshop workshop;
  workshop.put("a.json", "{}");
  service::Settling settling(workshop.folder.path());
  const auto identity = workshop.identity("a.json");
  const platform::Fd writer(::open((workshop.folder / "a.json").c_str(), O_WRONLY | O_CLOEXEC));
  CHECK_FALSE(settling.settled("a.json", identity, at(0), k_settle, k_max_open));
  CHECK(settling.due(at(1'000)).size() == 1);
  CHECK_FALSE(settling.next_deadline().has_value());
  CHECK(settling.due(at(5'000)).empty());
  CHECK_FALSE(settling.settled("a.json", identity, at(5'000), k_settle, k_max_open));
  CHECK(settling.next_deadline() == 6'000);
  CHECK(settling.due(at(6'000)).size() == 1);
  CHECK(settling.settled("a.json", identity, at(10'000), k_settle, k_max_open));  // open since the first look
  settling.look_later("b.json", at(10'000));
  CHECK(settling.next_deadline() == 15'000);
  CHECK(settling.due(at(14'999)).empty());
  CHECK(settling.due(at(15'000)) == std::vector<std::string>{"b.json"});
  CHECK_FALSE(settling.next_deadline().has_value());
}

TEST_CASE("a file that is forgotten is named no more") {
  Workshop workshop;
  workshop.put("a.json", "{}");
  service::Settling settling(workshop.folder.path());
  platform::Fd writer(::open((workshop.folder / "a.json").c_str(), O_WRONLY | O_CLOEXEC));
  CHECK_FALSE(settling.settled("a.json", workshop.identity("a.json"), at(1), k_settle, k_max_open));
  settling.forget("a.json");
  CHECK(settling.due(at(90'000)).empty());
}
