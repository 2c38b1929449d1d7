#include "service/notify_jobs.h"

#include <doctest/doctest.h>

#include "service/job_site.h"

using namespace baton;
using namespace baton::test;

namespace {

struct Telling : JobSite {
  explicit Telling(const std::string& script) : JobSite(with_command(script)) {}

  static protocol::Config with_command(const std::string& script) {
    protocol::Config config;
    if (!script.empty()) config.notify_command = {"/bin/sh", "-c", script};
    return config;
  }
  void remember(const std::string& id) {
    static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.notifications.remember(id, turn); }));
  }
  void send(const std::string& id) {
    remember(id);
    run->jobs.notifications.send(id, json{{"id", id}}.dump());
  }
  /// What came of it.
  service::Notified result(const std::string& id) {
    std::optional<service::Notified> found;
    REQUIRE(eventually([&] {
      for (service::Notified& each : run->jobs.notifications.take_done())
        if (each.id == id) found = std::move(each);
      return found.has_value();
    }));
    return *found;
  }
};

}  // namespace

TEST_CASE("the command gets the document, and the journal forgets it when it ended well") {
  Telling site("cat > told");
  site.send("t-1");
  const auto done = site.result("t-1");
  CHECK(done.delivered);
  CHECK(done.reason.empty());
  CHECK(site.workshop.document("told")["id"] == "t-1");
  site.take();
  CHECK(site.rows() == 0);
}

TEST_CASE("a command that fails is told with its last words") {
  Telling site("cat > /dev/null; echo no such address >&2; exit 2");
  site.send("t-1");
  const auto done = site.result("t-1");
  CHECK_FALSE(done.delivered);
  CHECK(done.reason == "the notify command ended with exit code 2: no such address");
  site.take();
  CHECK(site.rows() == 0);
}

TEST_CASE("a command that does not end in time is ended") {
  Telling site("exec sleep 1000");
  site.workshop.config.notify_timeout_ms = 1;
  site.send("t-1");
  CHECK(site.result("t-1").reason == "the notify command did not end within 1ms");
}

TEST_CASE("without a command nothing is told, and nothing is owed") {
  Telling site("");
  site.send("t-1");
  CHECK(site.run->jobs.fds().empty());
  site.take();
  CHECK(site.rows() == 0);
  CHECK(site.run->jobs.notifications.take_done().empty());
}

TEST_CASE("what the last run did not finish is owed; what is not sent again is forgotten") {
  Telling site("cat >> told; echo >> told");
  site.remember("a");  // killed here: after the commit, before it was sent
  site.remember("b");
  site.run.reset();
  site.run.emplace(site.workshop);
  site.run->jobs.restore(site.run->loaded.jobs);
  CHECK(site.run->jobs.notifications.take_owed() == std::vector<std::string>{"a", "b"});
  CHECK(site.run->jobs.notifications.take_owed().empty());
  site.send("a");
  CHECK(site.rows() == 2);
  CHECK(site.result("a").delivered);
  site.take();
  CHECK(site.rows() == 0);
  CHECK(site.workshop.get("told") == "{\"id\":\"a\"}\n");
}

TEST_CASE("so many at once, the others after them") {
  Telling site("echo x >> begun; while [ ! -e go ]; do sleep 0.01; done");
  for (int n = 0; n < 5; ++n) site.send("n-" + std::to_string(n));
  CHECK(site.run->jobs.fds().size() == service::k_max_notifications);
  site.workshop.put("go", "");
  std::size_t told = 0;
  CHECK(site.eventually([&] {
    told += site.run->jobs.notifications.take_done().size();
    return told == 5;
  }));
  CHECK(site.workshop.get("begun") == "x\nx\nx\nx\nx\n");
}
