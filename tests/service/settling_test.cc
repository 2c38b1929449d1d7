#include "service/settling.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

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

TEST_CASE("Markdown that is renamed in while it is written waits for its end; JSON is whole") {
  Workshop workshop;
  workshop.config.settle_ms = 0;
  Run run(workshop);
  workshop.put("task-queue.d/a.part", "# Fix typo in README.md\n");
  workshop.put("task-queue.d/b.part", R"({"title": "Fix typo in README.md"})");
  platform::Fd markdown(::open((workshop.folder / "task-queue.d/a.part").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const platform::Fd document(::open((workshop.folder / "task-queue.d/b.part").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  for (const std::string name : {"a.md", "b.json", "c.md"}) {
    if (name == "c.md")
      workshop.drop("task-queue.d/c.md", "# Fix typo in INSTALL.md\n");
    else
      workshop.move("task-queue.d/" + name.substr(0, 1) + ".part", "task-queue.d/" + name);
    run.intake.notice({platform::Notice::What::appeared, "task-queue.d", name, false});
  }
  run.take();
  CHECK(run.core.task("a") == nullptr);
  CHECK(run.core.task("b") != nullptr);
  CHECK(run.core.task("c") != nullptr);
  REQUIRE(::write(markdown.get(), "\nAll of them.\n", 14) == 14);
  markdown = platform::Fd();
  run.take();
  REQUIRE(run.core.task("a") != nullptr);
  CHECK(run.core.task("a")->spec.description == "All of them.");
}
