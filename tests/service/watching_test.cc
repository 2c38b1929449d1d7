// Folders that cannot be watched: what comes into them is taken all the same, and they are watched as soon as they can be.
#include <doctest/doctest.h>

#include <filesystem>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_handoffs = "masters/security/handoffs";
constexpr std::int64_t k_long_ms = 120'000;  // longer than any pause

/// A turn that long after now.
void take_later(Run& run, std::int64_t later_ms) {
  static_cast<void>(run.turn([&](service::Turn& turn) {
    run.world.now.boot_ms += later_ms;
    run.intake.take(turn);
  }));
}

bool is_told(const Run& run) {
  const auto all = run.world.remarks.attention();
  return std::ranges::any_of(all, [](const core::Attention& each) { return each.reason == "unwatched"; });
}

}  // namespace

TEST_CASE("a folder that cannot be watched is told, tried again after a pause, and listed meanwhile") {
  Workshop workshop;
  workshop.move(k_handoffs, "masters/security/elsewhere");
  std::filesystem::create_directory_symlink("elsewhere", workshop.folder / k_handoffs);
  Run run(workshop);
  static_cast<void>(run.turn([&](service::Turn& turn) { run.intake.start(turn); }));
  CHECK(is_told(run));
  REQUIRE(run.intake.next_deadline().has_value());
  const auto first = *run.intake.next_deadline();
  CHECK(first > run.world.now.boot_ms);
  run.watch.read();

  workshop.drop("task-queue.d/t-1.json", R"({"id": "t-1", "title": "Fix typo in README.md"})");
  run.watch.read();  // its notice is lost, too
  take_later(run, 0);
  CHECK(run.core.task("t-1") == nullptr);  // before its time nothing is listed
  take_later(run, k_long_ms);
  run.take();
  CHECK(run.core.task("t-1") != nullptr);
  CHECK(is_told(run));

  std::filesystem::remove(workshop.folder / k_handoffs);
  workshop.move("masters/security/elsewhere", k_handoffs);
  run.watch.read();
  take_later(run, 2 * k_long_ms);
  CHECK_FALSE(is_told(run));
  CHECK_FALSE(run.intake.next_deadline().has_value());
  run.watch.read();
  workshop.drop(k_handoffs + "/from-security-subtask-x.json", "{}");
  const auto notices = run.watch.read();
  CHECK(std::ranges::any_of(notices, [](const platform::Notice& each) { return each.folder == k_handoffs; }));
}
