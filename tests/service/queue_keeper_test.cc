#include "service/queue_keeper.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "platform/fd.h"
#include "service/queue_site.h"

using namespace baton;
using namespace baton::test;

TEST_CASE("entries become tasks and say where they stand; all other bytes stay") {
  Workshop workshop;
  Run run(workshop);
  const std::string theirs = R"({"id": "old", "status": "completed",   "number": 1.50e3})";
  workshop.drop(k_queue, "{\"x\" : [1, 2.0],\"tasks\": [\n" + theirs + ",\n" + one("q-1") + "]}");
  look(run);
  REQUIRE(run.core.task("q-1") != nullptr);
  CHECK(run.core.task("old") == nullptr);
  const std::string written = workshop.get(k_queue);
  CHECK(written.starts_with("{\"x\" : [1, 2.0],\"tasks\": [\n" + theirs));
  CHECK(entry(workshop, "q-1")["status"] == "assigned");
  CHECK(entry(workshop, "q-1")["assigned_to"] == run.core.subtask("q-1")->spec.assigned_to);
  CHECK(displaced(workshop).empty());
  run.complete("q-1");
  settle(run);
  CHECK(entry(workshop, "q-1")["status"] == "completed");
  CHECK(entry(workshop, "q-1")["report"] == "orchestrator/reports/q-1.json");
  const auto before = workshop.identity(k_queue);
  look(run);
  CHECK(workshop.identity(k_queue) == before);
}

TEST_CASE("an entry without id gets one from its content, the second equal one the next") {
  Workshop workshop;
  std::vector<std::string> ids;
  {
    Run run(workshop);
    workshop.drop(k_queue, queue_of({R"({"title": "Fix typo"})", R"({"title": "Fix typo"})"}));
    look(run);
    const json queue = workshop.document(k_queue)["tasks"];
    REQUIRE(queue.size() == 2);
    for (const json& each : queue) ids.push_back(each["id"]);
    CHECK(ids[0].starts_with("task-"));
    CHECK(ids[1] == ids[0] + "-2");
    CHECK(run.core.live_tasks() == 2);
  }
  Run run(workshop);
  look(run);
  CHECK(run.core.live_tasks() == 2);
  CHECK(rejections(workshop, "task_rejected") == 0);
  CHECK(rejections(workshop, "task_received") == 2);
}

TEST_CASE("an entry that vanished is put back while its task lives, and stays away when it has ended") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1"), one("q-2")}));
  look(run);
  workshop.drop(k_queue, queue_of({one("q-2")}));
  look(run);
  CHECK(entry(workshop, "q-1")["status"] == "assigned");
  CHECK(entry(workshop, "q-2")["status"] == "assigned");
  run.complete("q-1");
  settle(run);
  workshop.drop(k_queue, queue_of({workshop.document(k_queue)["tasks"][0].dump()}));
  look(run);
  CHECK(entry(workshop, "q-1").is_null());
  workshop.remove(k_queue);
  look(run);
  CHECK(entry(workshop, "q-2")["status"] == "assigned");
}

TEST_CASE("what a writer changed right before the exchange is merged, nothing is lost") {
  for (const bool plainly : {false, true}) {
    CAPTURE(plainly);
    Workshop workshop;
    Run run(workshop);
    workshop.drop(k_queue, queue_of({one("q-1")}));
    workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::exchange; });
    workshop.files.before(1, [&] {
      const std::string both = queue_of({one("q-1"), one("q-2")});
      plainly ? workshop.put(k_queue, both) : workshop.drop(k_queue, both);
    });
    look(run);
    CHECK(run.core.task("q-2") != nullptr);
    look(run);
    CHECK(entry(workshop, "q-1")["status"] == "assigned");
    CHECK(entry(workshop, "q-2")["status"] == "assigned");
    CHECK(displaced(workshop).empty());
  }
}

TEST_CASE("a displaced file waits for its writer and is read once more") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1")}));
  platform::Fd writer(::open((workshop.folder / k_queue).c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(writer);
  look(run);
  REQUIRE(displaced(workshop).size() == 1);
  const std::string more = queue_of({one("q-1"), one("q-late")});
  REQUIRE(::pwrite(writer.get(), more.data(), more.size(), 0) == static_cast<ssize_t>(more.size()));
  writer = platform::Fd();
  settle(run);
  CHECK(run.core.task("q-late") != nullptr);
  look(run);
  CHECK(entry(workshop, "q-late")["status"] == "assigned");
  CHECK(displaced(workshop).empty());
}

TEST_CASE("a displaced file that is merged late does not undo what others wrote since") {
  Workshop workshop;
  Run run(workshop);
  const std::string theirs = R"({"id": "other", "status": "in_progress", "note": "first"})";
  workshop.drop(k_queue, queue_of({theirs, one("q-1")}));
  platform::Fd writer(::open((workshop.folder / k_queue).c_str(), O_WRONLY | O_CLOEXEC));
  look(run);
  REQUIRE(displaced(workshop).size() == 1);
  json queue = workshop.document(k_queue);
  queue["tasks"][0]["note"] = "second";
  workshop.drop(k_queue, queue.dump(1));
  look(run);
  writer = platform::Fd();
  settle(run);
  look(run);
  CHECK(displaced(workshop).empty());
  CHECK(entry(workshop, "other")["note"] == "second");
}

TEST_CASE("displaced files of an earlier run are merged at the start, unparsable ones kept") {
  Workshop workshop;
  workshop.put(".task-queue.json.displaced-1-1", queue_of({one("q-1")}));
  workshop.put(".task-queue.json.displaced-1-2", "{\"tasks\": [");
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-2")}));
  look(run);
  CHECK(run.core.task("q-1") != nullptr);
  CHECK(run.core.task("q-2") != nullptr);
  CHECK(entry(workshop, "q-1")["status"] == "assigned");
  CHECK(displaced(workshop).empty());
  CHECK(workshop.get("task-queue.d/rejected/task-queue.json.displaced-1-2") == "{\"tasks\": [");
  CHECK(rejections(workshop, "queue_rejected") == 1);
}

TEST_CASE("a filesystem that cannot exchange: the file is replaced") {
  Workshop workshop;
  Run run(workshop);
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::exchange; });
  workshop.files.fail_all(Error{ErrorCode::refused, "this filesystem cannot exchange", {}, {}});
  workshop.drop(k_queue, queue_of({one("q-1")}));
  look(run);
  CHECK(entry(workshop, "q-1")["status"] == "assigned");
  CHECK(displaced(workshop).empty());
}

TEST_CASE("a file that is no queue is reported once and never written over") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1")}));
  look(run);
  workshop.drop(k_queue, "{\"id\": \"a single task\"}");
  look(run);
  look(run);
  CHECK(workshop.get(k_queue) == "{\"id\": \"a single task\"}");
  CHECK(workshop.has("task-queue.json.error.json"));
  CHECK(rejections(workshop, "queue_rejected") == 1);
  run.complete("q-1");
  settle(run);
  CHECK(workshop.get(k_queue) == "{\"id\": \"a single task\"}");
  CHECK_FALSE(run.queue.write_due());
  workshop.drop(k_queue, queue_of({one("q-1"), one("q-2")}));
  look(run);
  CHECK_FALSE(workshop.has("task-queue.json.error.json"));
  CHECK(run.core.task("q-2") != nullptr);
  CHECK(entry(workshop, "q-1")["status"] == "completed");
}

TEST_CASE("a bad entry stays untouched and is reported once per content, also after a start") {
  Workshop workshop;
  const std::string bad = R"({"id": "q-1", "priority": "low"})";
  {
    Run run(workshop);
    workshop.drop(k_queue, queue_of({bad, one("q-2")}));
    look(run);
    look(run);
    CHECK(rejections(workshop, "task_rejected") == 1);
    CHECK(workshop.document("task-queue.d/rejected/q-1.error.json").is_object());
    CHECK(workshop.get(k_queue).find(bad) != std::string::npos);
  }
  {
    Run run(workshop);
    look(run);
    CHECK(rejections(workshop, "task_rejected") == 1);
    workshop.drop(k_queue, queue_of({R"({"id": "q-1", "priority": "high"})"}));
    look(run);
    CHECK(rejections(workshop, "task_rejected") == 2);
  }
}

TEST_CASE("an id with other content is refused, and the first stands") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1")}));
  look(run);
  workshop.drop(k_queue, queue_of({R"({"id": "q-1", "title": "Something else"})"}));
  look(run);
  CHECK(run.core.task("q-1")->spec.title == "Fix typo in README.md");
  CHECK(rejections(workshop, "task_rejected") == 1);
  CHECK(workshop.get("task-queue.d/rejected/q-1.error.json").find("accepted before with other content") != std::string::npos);
}

TEST_CASE("a status set by hand counts only in an entry that carries our stamp") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1")}));
  look(run);
  json mine = entry(workshop, "q-1");
  json stale = mine;
  stale["status"] = "cancelled";
  stale["updated_at"] = "2001-01-01T00:00:00Z";
  workshop.drop(k_queue, queue_of({stale.dump()}));
  look(run);
  CHECK(run.core.task("q-1") != nullptr);
  CHECK(entry(workshop, "q-1")["status"] == "assigned");
  mine = entry(workshop, "q-1");
  mine["status"] = "cancelled";
  workshop.drop(k_queue, queue_of({mine.dump()}));
  look(run);
  CHECK(run.core.task("q-1") == nullptr);
  CHECK(entry(workshop, "q-1")["status"] == "cancelled");
}

TEST_CASE("a crash at any step of reading and writing: every entry once, all say where they stand") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        workshop.drop(k_queue, queue_of({one("q-1"), R"({"title": "No id"})", R"({"id": "theirs", "status": "completed"})"}));
      },
      look,
      [](Run& run) {
        static_cast<void>(run.feed.append());
        look(run);
        CHECK(run.core.live_tasks() == 2);
        CHECK(rejections(run.workshop, "task_received") == 2);
        const json queue = run.workshop.document(k_queue)["tasks"];
        REQUIRE(queue.size() == 3);
        for (const json& each : queue) CHECK(each["status"] == (each["id"] == "theirs" ? "completed" : "assigned"));
        CHECK(displaced(run.workshop).empty());
      });
  CHECK(stops > 8);
}

TEST_CASE("a version that was moved away and comes back is what it was: a queue that is written on, or refused again") {
  Workshop workshop;
  Run run(workshop);
  const std::string error = k_queue + ".error.json";
  workshop.drop(k_queue, queue_of({one("a")}));
  look(run);
  workshop.move(k_queue, "good");
  workshop.drop(k_queue, "{");
  look(run);
  REQUIRE(workshop.has(error));
  run.claim("a");
  run.complete("a");
  workshop.move(k_queue, "bad");
  workshop.move("good", k_queue);
  look(run);
  CHECK_FALSE(workshop.has(error));
  CHECK(entry(workshop, "a")["status"] == "completed");
  workshop.move(k_queue, "good");
  workshop.move("bad", k_queue);
  look(run);
  CHECK(workshop.has(error));
  CHECK(rejections(workshop, "queue_rejected") == 2);
}
