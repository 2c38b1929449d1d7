#include "service/check_jobs.h"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "base/text.h"
#include "service/job_site.h"

using namespace baton;
using namespace baton::test;

namespace {

using How = service::JobEnd::How;
using Commands = std::vector<std::vector<std::string>>;

std::vector<std::string> shell(const std::string& line) { return {"/bin/sh", "-c", line}; }

protocol::Check check_of(Commands commands) {
  protocol::Check check;
  check.commands = std::move(commands);
  return check;
}

struct Checking : JobSite {
  void begin(const std::string& key, protocol::Check check) {
    static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.checks.remember(key, turn); }));
    run->jobs.checks.run(key, std::move(check), run->world.workspace);
  }
  void collect() {
    for (service::CheckDone& each : run->jobs.checks.take_done()) done[each.key] = std::move(each);
  }
  /// What came of it.
  service::CheckDone result(const std::string& key = "one") {
    REQUIRE(eventually([&] {
      collect();
      return done.contains(key);
    }));
    return done.at(key);
  }
  service::CheckDone result_of(protocol::Check check) {
    begin("one", std::move(check));
    return result();
  }

  std::map<std::string, service::CheckDone> done;
};

}  // namespace

TEST_CASE("all commands end with 0: passed, with what the last one said; the journal forgets it") {
  Checking site;
  const auto done = site.result_of(check_of({shell("echo a >> order"), shell("echo b >> order; echo fine; echo so >&2")}));
  CHECK(done.passed);
  CHECK(done.reason.empty());
  CHECK(done.output == "fine\nso\n");
  CHECK(done.command == shell("echo b >> order; echo fine; echo so >&2"));
  CHECK(site.workshop.get("order") == "a\nb\n");
  site.take();
  CHECK(site.rows() == 0);
  CHECK(site.run->jobs.fds().empty());
  CHECK_FALSE(site.run->jobs.next_deadline().has_value());
}

TEST_CASE("the first command that fails ends the check") {
  Checking site;
  const auto done = site.result_of(check_of({{"true"}, shell("echo broken; exit 3"), shell("echo c > never")}));
  CHECK_FALSE(done.passed);
  CHECK(done.how == How::exited);
  CHECK(done.exit_code == 3);
  CHECK(done.reason == "it ended with exit code 3");
  CHECK(done.command == shell("echo broken; exit 3"));
  CHECK(done.output == "broken\n");
  CHECK_FALSE(site.workshop.has("never"));
}

TEST_CASE("a command that a signal ends has failed") {
  Checking site;
  const auto done = site.result_of(check_of({shell("kill -ABRT $$")}));
  CHECK(done.how == How::signalled);
  CHECK(done.signal == SIGABRT);
  CHECK(done.exit_code == 0);
  CHECK(done.reason == "it was ended by SIGABRT");
}

TEST_CASE("a check has its time, for all commands together; what was printed until then is kept, and nothing runs on") {
  Checking site;
  protocol::Check check = check_of({{"true"}, shell("setsid sh -c 'echo $$ > helper; exec sleep 1000' & echo begun; wait")});
  check.timeout_ms = 600'000;
  site.begin("one", check);
  REQUIRE(site.written("helper"));
  const std::int64_t begun = site.run->world.now.boot_ms;
  REQUIRE(site.run->jobs.next_deadline().has_value());
  CHECK(*site.run->jobs.next_deadline() <= begun + 600'000);
  static_cast<void>(site.run->turn([&](service::Turn& turn) {
    site.run->world.now.boot_ms += 600'000;  // time passes
    site.run->jobs.take(turn);
  }));
  const auto done = site.result();
  CHECK_FALSE(done.passed);
  CHECK(done.how == How::timed_out);
  CHECK(done.reason == "the check did not end within 10m");
  CHECK(done.output == "begun\n");
  CHECK(ends(site.workshop, "helper"));
}

TEST_CASE("what cannot be started has failed, with the reason") {
  Checking site;
  const auto missing = site.result_of(check_of({{"no-such-program-here"}}));
  CHECK(missing.how == How::not_started);
  CHECK(missing.reason == "cannot start no-such-program-here: there is no such program that may be run here");
  CHECK(missing.output.empty());
}

TEST_CASE("the working folder lies in the workspace, whatever links there are on the way") {
  namespace fs = std::filesystem;
  Checking site;
  site.workshop.folder.folder("web/tests");
  fs::create_directory_symlink("web", site.workshop.folder / "inside");
  fs::create_directory_symlink("/tmp", site.workshop.folder / "outside");
  protocol::Check check = check_of({shell("pwd -P")});
  for (const auto& [cwd, place] :
       std::vector<std::pair<std::string, std::string>>{{".", ""}, {"web/tests", "/web/tests"}, {"inside/tests", "/web/tests"}}) {
    check.cwd = cwd;
    site.begin(cwd, check);
    CHECK(site.result(cwd).output == site.workshop.folder.path() + place + "\n");
  }
  check.cwd = "outside";
  site.begin("out", check);
  CHECK(site.result("out").reason == "the working folder outside leads out of the workspace");
  check.cwd = "none";
  site.begin("none", check);
  CHECK(site.result("none").reason == "the working folder none is not there: No such file or directory");
}

TEST_CASE("long output: beginning and end are kept, letters stay whole, other bytes become text") {
  Checking site;
  // One byte, then letters of two bytes: the cut at 4 KiB goes through one.
  const auto done =
      site.result_of(check_of({shell("printf a; for i in 1 2 3 4 5 6 7 8 9 10; do for k in 1 2 3 4 5 6 7 8 9 10; do printf "
                                     "'\303\244%.0s' $(seq 500); done; done; printf end; exit 1")}));
  CHECK(text::is_utf8(done.output));
  CHECK(done.output.starts_with("a\303\244"));
  CHECK(done.output.ends_with("\303\244end"));
  CHECK(done.output.find("%C3") == std::string::npos);
  CHECK(done.output.find("%A4") == std::string::npos);
  CHECK(done.output.find("\n[... 83620 bytes are left out here ...]\n") != std::string::npos);
  CHECK(done.output.size() <= 16 * 1'024 + 100);
  site.begin("two", check_of({shell("printf '\\377ok'")}));
  CHECK(site.result("two").output == "%FFok");
}

TEST_CASE("jobs know nothing of the daemon's own affairs") {
  Checking site;
  for (const char* name : {"GIT_DIR", "BATON_COORDINATION", "NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "OTHER_THING"})
    ::setenv(name, "x", 1);
  const auto done = site.result_of(check_of({shell("env | grep -E '^(GIT_|BATON_|NOTIFY_|WATCHDOG_|LISTEN_|OTHER_)' | sort")}));
  for (const char* name : {"GIT_DIR", "BATON_COORDINATION", "NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "OTHER_THING"})
    ::unsetenv(name);
  CHECK(done.output.starts_with("BATON_JOB="));
  CHECK(done.output.ends_with("\nOTHER_THING=x\n"));
  CHECK(std::ranges::count(done.output, '\n') == 2);
}

TEST_CASE("checks of one folder run one after the other, others beside them, and no more than so many") {
  Checking site;
  protocol::Check check = check_of({shell("echo run >> runs; while [ ! -e go ]; do sleep 0.01; done")});
  site.begin("a", check);
  site.begin("b", check);
  CHECK(site.run->jobs.fds().size() == 1);
  for (std::size_t n = 0; n < service::k_max_checks; ++n) {
    check.cwd = "folder" + std::to_string(n);
    site.workshop.folder.folder(check.cwd);
    site.begin("c" + std::to_string(n), check);
  }
  CHECK(site.run->jobs.fds().size() == service::k_max_checks);
  CHECK(site.rows() == service::k_max_checks + 2);
  REQUIRE(site.written("runs"));
  CHECK(site.workshop.get("runs") == "run\n");
  site.workshop.put("go", "");
  for (std::size_t n = 0; n < service::k_max_checks; ++n) site.workshop.put("folder" + std::to_string(n) + "/go", "");
  CHECK(site.eventually([&] {
    site.collect();
    return site.done.size() == service::k_max_checks + 2;
  }));
  CHECK(site.workshop.get("runs") == "run\nrun\n");
}

TEST_CASE("a check that is stopped says nothing more, and the next of its folder begins") {
  Checking site;
  site.begin("a", check_of({shell("setsid sh -c 'echo $$ > helper; exec sleep 1000' & wait")}));
  REQUIRE(site.written("helper"));
  site.begin("b", check_of({{"true"}}));
  site.begin("c", check_of({{"true"}}));
  site.run->jobs.checks.stop("b");
  site.run->jobs.checks.stop("a");
  CHECK(ends(site.workshop, "helper"));
  CHECK(site.result("c").passed);
  CHECK_FALSE(site.done.contains("a"));
  CHECK_FALSE(site.done.contains("b"));
  site.take();
  CHECK(site.rows() == 0);
}

TEST_CASE("what a check has left running ends with it") {
  Checking site;
  const auto done =
      site.result_of(check_of({shell("setsid sh -c 'echo $$ > helper; exec sleep 1000' >/dev/null 2>&1 & "
                                     "while [ ! -s helper ]; do sleep 0.01; done")}));
  CHECK(done.passed);
  CHECK(ends(site.workshop, "helper"));
}

TEST_CASE("the mark of a check is in the journal before it starts, and the next run ends all that carries it") {
  Checking site;
  static_cast<void>(site.run->turn([&](service::Turn& turn) { site.run->jobs.checks.remember("one", turn); }));
  REQUIRE(site.rows() == 1);
  CHECK(site.run->store.load()->jobs.front().name == "check:one");
  CHECK(site.run->jobs.fds().empty());
  site.run->jobs.checks.run("one", check_of({shell("setsid sh -c 'echo $$ > helper; exec sleep 1000' & wait")}),
                            site.run->world.workspace);
  REQUIRE(site.written("helper"));
  site.run.reset();
  CHECK(lives(site.workshop, "helper"));
  site.run.emplace(site.workshop);
  site.run->jobs.restore(site.run->loaded.jobs, site.run->loaded.meta);
  CHECK(ends(site.workshop, "helper"));
  CHECK(site.run->jobs.turn_due());
  site.begin("one", check_of({{"true"}}));  // it is asked again
  CHECK(site.rows() == 1);
  CHECK(site.result().passed);
  site.take();
  CHECK(site.rows() == 0);
}
