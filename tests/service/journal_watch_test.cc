#include "service/journal_watch.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;
namespace fs = std::filesystem;

namespace {

bool is_told(const Run& run) {
  const auto all = run.world.remarks.attention();
  return std::ranges::any_of(all, [](const core::Attention& each) { return each.reason == "journal_unwatched"; });
}

}  // namespace

TEST_CASE("a journal's folder that cannot be watched is told, and tried again after pauses until it can be") {
  Workshop workshop;
  Run run(workshop);
  const std::string folder = workshop.folder / "elsewhere";
  fs::create_directory(folder);
  auto watch = service::JournalWatch::open(folder);
  REQUIRE(watch.has_value());
  CHECK_FALSE(watch->next_deadline().has_value());
  fs::remove(folder);
  watch->read();
  std::int64_t pause_ms = 0;
  for (int n = 0; n < 3; ++n) {
    CAPTURE(n);
    watch->renew(run.world);
    CHECK(is_told(run));
    REQUIRE(watch->next_deadline().has_value());
    CHECK_FALSE(watch->is_due(run.world.now.boot_ms));
    CHECK(*watch->next_deadline() - run.world.now.boot_ms > pause_ms);
    pause_ms = *watch->next_deadline() - run.world.now.boot_ms;
    run.world.now.boot_ms = *watch->next_deadline();
    CHECK(watch->is_due(run.world.now.boot_ms));
  }
  CHECK(run.world.remarks.take_news().size() == 1);
  fs::create_directory(folder);
  watch->renew(run.world);
  CHECK_FALSE(is_told(run));
  CHECK_FALSE(watch->next_deadline().has_value());
  CHECK_FALSE(watch->is_due(run.world.now.boot_ms + 1'000'000));
  watch->read();
  workshop.put("elsewhere/journal.db", "");
  CHECK_FALSE(watch->read().empty());
}

TEST_CASE("a folder that is not there cannot be watched from the start") {
  const Workshop workshop;
  CHECK_FALSE(service::JournalWatch::open(workshop.folder / "nowhere").has_value());
}
