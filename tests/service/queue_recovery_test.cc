// The queue file after crashes: displaced versions, stamps and refusals that an earlier run left.
#include "service/queue_site.h"

using namespace baton;
using namespace baton::test;

namespace {

/// What an exchange leaves behind: the version with this identity was read and written over; then it was killed.
std::string displaced_at(Workshop& workshop, const std::string& bytes, bool changed_since) {
  workshop.put("version", bytes);
  const platform::Identity read = workshop.identity("version");
  const std::string name = ".task-queue.json.displaced-" + std::to_string(read.inode) + "." +
                           std::to_string(read.mtime_ns - (changed_since ? 1 : 0)) + "." + std::to_string(read.size) + "-1-1";
  workshop.move("version", name);
  return name;
}

std::string noted(const std::string& note) { return R"({"id": "other", "status": "in_progress", "note": ")" + note + "\"}"; }

}  // namespace

TEST_CASE("a displaced file goes only after what it alone had stands in the queue file") {
  Workshop workshop;
  workshop.drop(k_queue, queue_of({one("q-1")}));
  const std::string name = displaced_at(workshop, queue_of({noted("only here")}), false);
  Run run(workshop);
  const auto take = [&] {
    do static_cast<void>(run.turn([&](service::Turn& turn) { run.queue.take(turn); }));
    while (run.queue.more());
  };
  run.queue.look();
  take();
  for (int n = 0; n < 3; ++n) {  // nothing is written meanwhile
    static_cast<void>(run.turn([&](service::Turn& turn) { run.queue.tidy(turn); }));
    take();
  }
  CHECK(workshop.has(name));
  CHECK(entry(workshop, "other").is_null());
  settle(run);
  CHECK(entry(workshop, "other")["note"] == "only here");
  CHECK(displaced(workshop).empty());
}

TEST_CASE("a displaced file of an earlier run replaces entries of others only if it was changed after it was read") {
  for (const bool changed_since : {false, true}) {
    CAPTURE(changed_since);
    Workshop workshop;
    displaced_at(workshop, queue_of({noted("displaced"), R"({"id": "gone", "status": "done"})"}), changed_since);
    workshop.drop(k_queue, queue_of({noted("in the queue")}));
    Run run(workshop);
    look(run);
    CHECK(entry(workshop, "other")["note"] == (changed_since ? "displaced" : "in the queue"));
    CHECK(entry(workshop, "gone")["status"] == "done");
    CHECK(displaced(workshop).empty());
  }
}

TEST_CASE("a displaced file whose name says nothing of its version never replaces an entry") {
  Workshop workshop;
  workshop.put(".task-queue.json.displaced-1-1", queue_of({noted("displaced")}));
  workshop.drop(k_queue, queue_of({noted("in the queue")}));
  Run run(workshop);
  look(run);
  CHECK(entry(workshop, "other")["note"] == "in the queue");
  CHECK(displaced(workshop).empty());
}

TEST_CASE("cancelled by hand counts after a crash that forgot the stamp") {
  bool met_untouched = false;
  SUBCASE("edited before the start") {}
  SUBCASE("edited after it") { met_untouched = true; }
  Workshop workshop;
  {
    Run run(workshop);
    workshop.drop(k_queue, queue_of({one("q-1")}));
    run.queue.look();
    static_cast<void>(run.turn([&](service::Turn& turn) { run.queue.take(turn); }));
    REQUIRE(run.queue.write().has_value());  // killed before the next commit
  }
  Run run(workshop);
  if (met_untouched) look(run);
  json mine = entry(workshop, "q-1");
  REQUIRE(mine["status"] == "assigned");
  mine["status"] = "cancelled";
  workshop.drop(k_queue, queue_of({mine.dump()}));
  look(run);
  CHECK(run.core.task("q-1") == nullptr);
  CHECK(entry(workshop, "q-1")["status"] == "cancelled");
}

TEST_CASE("what was refused is forgotten when it is gone, in the journal too") {
  Workshop workshop;
  const std::string bad = R"({"id": "bad", "priority": "low"})";
  const std::string other = R"({"id": "q-1", "title": "Something else"})";
  {
    Run run(workshop);
    workshop.drop(k_queue, queue_of({one("q-1"), bad}));
    look(run);
    workshop.drop(k_queue, queue_of({other, bad}));
    look(run);
    CHECK(rejections(workshop, "task_rejected") == 2);
  }
  const auto remembered = [&] {
    Run run(workshop);
    std::size_t count = 0;
    for (const auto& [name, value] : run.loaded.meta) count += name.starts_with("queue_refused:");
    return count;
  };
  CHECK(remembered() == 2);
  {
    Run run(workshop);
    look(run);
    CHECK(rejections(workshop, "task_rejected") == 2);
    workshop.drop(k_queue, queue_of({one("q-1")}));
    look(run);
    look(run);
  }
  CHECK(remembered() == 0);
  Run run(workshop);
  workshop.drop(k_queue, queue_of({one("q-1"), bad}));
  look(run);
  CHECK(rejections(workshop, "task_rejected") == 3);
}

TEST_CASE("the report of a bad queue file goes with it") {
  for (const bool restarted : {false, true}) {
    CAPTURE(restarted);
    Workshop workshop;
    auto run = std::make_unique<Run>(workshop);
    workshop.drop(k_queue, "{");
    look(*run);
    CHECK(workshop.has("task-queue.json.error.json"));
    workshop.remove(k_queue);
    if (restarted) {
      run = nullptr;
      run = std::make_unique<Run>(workshop);
    }
    look(*run);
    CHECK_FALSE(workshop.has("task-queue.json.error.json"));
    workshop.drop(k_queue, queue_of({one("q-1")}));
    look(*run);
    CHECK(entry(workshop, "q-1")["status"] == "assigned");
  }
}

namespace {

/// The steps since the last restart of the count that fit, as "primitive path".
std::vector<std::string> steps(const Workshop& workshop) {
  std::vector<std::string> said;
  for (const FaultFiles::Step& step : workshop.files.steps()) {
    if (step.primitive == Primitive::sync) said.push_back("sync " + step.path);
    if (step.primitive == Primitive::remove) said.push_back("remove " + step.path);
  }
  return said;
}

const Error k_short{ErrorCode::io, "Too many open files", {}, {}};

}  // namespace

TEST_CASE("a displaced file is removed only when the queue file is on the disk") {
  Workshop workshop;
  const std::string name = displaced_at(workshop, queue_of({noted("only here")}), false);
  workshop.drop(k_queue, queue_of({one("q-1")}));
  Run run(workshop);
  SUBCASE("it is synced, then the folder that names it") {
    workshop.files.restart_count();
    look(run);
    const auto all = steps(workshop);
    const auto removed = std::ranges::find(all, "remove " + name);
    REQUIRE(removed - all.begin() >= 2);
    REQUIRE(removed != all.end());
    CHECK(*(removed - 2) == "sync " + k_queue);
    CHECK(*(removed - 1) == "sync .");
  }
  SUBCASE("it cannot be synced: tried again") {
    workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::sync; });
    workshop.files.fail_all(Error{ErrorCode::io, "Input/output error", {}, {}});
    look(run);
    CHECK(workshop.has(name));
    CHECK(run.queue.tidy_due());
    workshop.files.clear();
    settle(run);
    CHECK(displaced(workshop).empty());
  }
  CHECK(entry(workshop, "other")["note"] == "only here");
}

TEST_CASE("a displaced file that cannot be looked at now is kept and merged later") {
  for (const Primitive failing : {Primitive::stat, Primitive::read}) {
    CAPTURE(static_cast<int>(failing));
    Workshop workshop;
    const std::string name = displaced_at(workshop, queue_of({noted("only here")}), false);
    workshop.drop(k_queue, queue_of({one("q-1")}));
    Run run(workshop);
    workshop.files.count_only([&](Primitive primitive, const std::string& path) { return primitive == failing && path == name; });
    workshop.files.fail_all(k_short);
    look(run);
    CHECK(workshop.has(name));
    CHECK(workshop.list("task-queue.d/rejected").empty());
    CHECK(rejections(workshop, "queue_rejected") == 0);
    service::Turn turn(run.world);
    const auto tidied = run.queue.tidy(turn);
    REQUIRE_FALSE(tidied.has_value());
    CHECK(tidied.error().message == "Too many open files");
    workshop.files.clear();
    settle(run);
    CHECK(entry(workshop, "other")["note"] == "only here");
    CHECK(displaced(workshop).empty());
  }
}

TEST_CASE("a displaced file that is no queue is rejected under a free name, once it can be moved") {
  Workshop workshop;
  workshop.put(".task-queue.json.displaced-1-1", "{");
  workshop.put("task-queue.d/rejected/task-queue.json.displaced-1-1", "an older one");
  workshop.drop(k_queue, queue_of({one("q-1")}));
  Run run(workshop);
  workshop.files.count_only([](Primitive primitive, const std::string& path) {
    return primitive == Primitive::rename && path == ".task-queue.json.displaced-1-1";
  });
  workshop.files.fail_all(k_short);
  look(run);
  CHECK(displaced(workshop).size() == 1);
  CHECK(rejections(workshop, "queue_rejected") == 0);
  workshop.files.clear();
  settle(run);
  CHECK(displaced(workshop).empty());
  CHECK(rejections(workshop, "queue_rejected") == 1);
  CHECK(workshop.get("task-queue.d/rejected/task-queue.json.displaced-1-1") == "an older one");
  CHECK(workshop.get("task-queue.d/rejected/task-queue.json.displaced-1-1.1") == "{");
}
