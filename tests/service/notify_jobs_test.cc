#include "service/notify_jobs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "service/job_site.h"

using namespace baton;
using namespace baton::test;

namespace {

core::FeedEntry entry(const std::string& type, const std::string& task_id, const std::string& reason) {
  return {type, task_id, "", "", {{"reason", reason}, {"message", task_id + " is " + reason}}};
}

struct Telling : JobSite {
  explicit Telling(const std::string& script) : JobSite(with_command(script)) {}

  static protocol::Config with_command(const std::string& script) {
    protocol::Config config;
    if (!script.empty()) config.notify_command = {"/bin/sh", "-c", script};
    return config;
  }
  void say(const core::FeedEntry& entry) {
    static_cast<void>(run->turn([&](service::Turn& turn) { turn.say(entry); }));
  }
  void raise(const std::string& task_id) { say(entry("attention_raised", task_id, "blocked")); }
  void clear(const std::string& task_id) { say(entry("attention_cleared", task_id, "blocked")); }
  /// What the turn says is committed, and the daemon is killed before it acts upon it.
  void raise_and_die(const std::string& task_id) {
    service::Turn turn(run->world);
    turn.say(entry("attention_raised", task_id, "blocked"));
    run->publisher.stage(turn);
    REQUIRE(run->store.commit(turn.commit).has_value());
    run.reset();
  }
  void start_again() {
    run.reset();
    run.emplace(workshop);
    run->jobs.restore(run->loaded.jobs, run->loaded.meta);
    static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.notifications.resume(turn); }));
  }
  /// What the journal still has to tell.
  std::size_t owed() {
    const store::Loaded loaded = run->store.load().value();
    return static_cast<std::size_t>(
        std::ranges::count_if(loaded.meta, [](const auto& row) { return row.first.starts_with("notify:"); }));
  }
  bool all_told() {
    return eventually([&] { return owed() == 0 && rows() == 0; });
  }
  /// The attention that stands because of the command, "" = none does.
  std::string failure() const {
    for (const core::Attention& each : run->world.remarks.attention())
      if (each.reason == "notify_failed") return each.message;
    return "";
  }
};

}  // namespace

TEST_CASE("the command gets a document of its schema, and the journal forgets it when it ended") {
  Telling site("cat > told");
  site.raise("t-1");
  CHECK(site.owed() == 1);
  CHECK(site.rows() == 1);
  REQUIRE(site.all_told());
  const json told = site.workshop.document("told");
  CHECK(protocol::problems(protocol::Kind::notification, told).empty());
  CHECK(told["reason"] == "blocked");
  CHECK(told["message"] == "t-1 is blocked");
  CHECK(told["task_id"] == "t-1");
  CHECK(told["coordination"] == site.workshop.folder.path());
  CHECK(site.failure().empty());
}

TEST_CASE("a command that fails is told with its last words, once however often it does, until one ends well") {
  Telling site("cat > /dev/null; [ -e well ] && exit 0; echo no such address >&2; exit 2");
  for (const char* id : {"t-1", "t-2", "t-3"}) site.raise(id);
  REQUIRE(site.all_told());
  CHECK(site.failure() == "the notify command ended with exit code 2: no such address");
  const auto news = site.run->world.remarks.take_news();
  REQUIRE(news.size() == 1);
  CHECK(news[0].type == "attention_raised");
  site.say(news[0]);  // nobody is told by a command that it has failed
  CHECK(site.owed() == 0);
  site.workshop.put("well", "");
  site.raise("t-4");
  REQUIRE(site.all_told());
  CHECK(site.failure().empty());
}

TEST_CASE("a command that does not end in time is ended") {
  Telling site("exec sleep 1000");
  site.workshop.config.notify_timeout_ms = 1;
  site.raise("t-1");
  REQUIRE(site.all_told());
  CHECK(site.failure() == "the notify command did not end within 1ms");
}

TEST_CASE("a command that is not there is told") {
  Telling site("x");
  site.workshop.config.notify_command = {"/nowhere/notifier"};
  site.raise("t-1");
  REQUIRE(site.all_told());
  CHECK(site.failure().find("/nowhere/notifier") != std::string::npos);
}

TEST_CASE("without a command nothing is told, and nothing is owed") {
  Telling site("");
  site.raise("t-1");
  CHECK(site.run->jobs.fds().empty());
  CHECK(site.owed() == 0);
  CHECK(site.rows() == 0);
}

TEST_CASE("a command that is taken out of the settings: its failure stands no longer, and nothing is owed to it") {
  Telling site("exit 1");
  site.raise("t-1");
  REQUIRE(site.all_told());
  CHECK_FALSE(site.failure().empty());
  const auto command = std::exchange(site.workshop.config.notify_command, {});
  site.take();
  CHECK(site.failure().empty());
  site.workshop.config.notify_command = command;
  site.raise_and_die("t-2");
  site.workshop.config.notify_command.clear();
  site.start_again();
  REQUIRE(site.all_told());
  CHECK(site.failure().empty());
}

TEST_CASE("killed between the commit and the command: the next run tells it, with the same id") {
  Telling site("cat > told");
  site.raise_and_die("t-1");
  CHECK_FALSE(site.workshop.has("told"));
  site.start_again();
  REQUIRE(site.owed() == 1);
  const auto loaded = site.run->store.load().value();
  const std::string row = loaded.meta.lower_bound("notify:")->first;
  REQUIRE(site.all_told());
  CHECK("notify:" + site.workshop.document("told")["id"].get<std::string>() == row);
}

TEST_CASE("killed while the command runs: it comes twice, with the same id") {
  Telling site("cat > told.$$; mv told.$$ told.$(ls | grep -c '^told'); [ -e go ] || exec sleep 1000");
  site.raise("t-1");
  REQUIRE(site.eventually([&] { return site.workshop.has("told.1"); }));
  site.workshop.put("go", "");
  site.start_again();
  REQUIRE(site.all_told());
  CHECK(site.workshop.document("told.1") == site.workshop.document("told.2"));
}

TEST_CASE("so many at once, the others after them; what is cleared before its turn comes is not told") {
  Telling site("cat > /dev/null; echo x >> begun; while [ ! -e go ]; do sleep 0.01; done");
  for (int n = 0; n < 5; ++n) site.raise("t-" + std::to_string(n));
  CHECK(site.run->jobs.fds().size() >= service::k_max_notifications);
  CHECK(site.rows() == 5);
  site.clear("t-0");  // at work: it goes on
  site.clear("t-4");
  site.take();
  CHECK(site.owed() == 4);
  site.workshop.put("go", "");
  REQUIRE(site.all_told());
  CHECK(site.workshop.get("begun") == "x\nx\nx\nx\n");
}

TEST_CASE("raised and cleared in one turn: nothing is told, also after a kill") {
  Telling site("cat > told");
  static_cast<void>(site.run->turn([&](service::Turn& turn) {
    turn.say(entry("attention_raised", "t-1", "blocked"));
    turn.say(entry("attention_cleared", "t-1", "blocked"));
  }));
  REQUIRE(site.all_told());
  CHECK_FALSE(site.workshop.has("told"));
}
