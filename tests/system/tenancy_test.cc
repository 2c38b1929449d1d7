// Who may work on a folder, and with which journal: one daemon, whatever its settings say, and the journal that was used last.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include <filesystem>
#include <optional>

#include "platform/process.h"
#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const std::string k_config = "orchestrator/config.json";
const std::string k_place = "orchestrator/state/journal.place";

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

std::string state_dir(const Sandbox& box, const std::string& name) {
  const std::string path = box.path("../" + name);
  fs::create_directories(path);
  return fs::canonical(path).string();
}

/// `baton --coordination FOLDER daemon`, which has to end by itself.
baton::platform::Exit run_daemon_in(const std::string& folder) {
  baton::platform::SpawnRequest request;
  request.argv = {BATON_PROGRAM, "--coordination", folder, "daemon"};
  request.cwd = "/";
  request.unset_environment = {"BATON_*", "NOTIFY_SOCKET"};
  auto process = baton::platform::Process::spawn(request);
  REQUIRE(process.has_value());
  std::optional<baton::platform::Exit> exit;
  REQUIRE(Sandbox::eventually([&] { return (exit = process->pump()).has_value(); }));
  return *exit;
}

bool says(const baton::platform::Exit& exit, const std::string& words) {
  return exit.error_output.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("settings that cannot be read stop a start: they might name another journal") {
  Sandbox box;
  const std::string elsewhere = state_dir(box, "state-a");
  box.configure({{"state_dir", elsewhere}});
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  const std::string good = box.read(k_config);
  for (const std::string& bad : {std::string("{\"state_dir\":"), std::string("{\"complexity_treshold\": 3}"), std::string()}) {
    box.put(k_config, bad);
    const auto second = box.run({"daemon"});
    CHECK(second.code == 8);
    CHECK(says(second, k_config));
  }
  box.put(k_config, "{\"complexity_treshold\": 3}");
  CHECK(says(box.run({"daemon"}), "complexity_threshold"));  // what was meant
  CHECK_FALSE(box.exists("orchestrator/state/journal.db"));
  box.put(k_config, good);
  CHECK(box.stop() == 0);
  CHECK(box.log().find("complexity_threshold") != std::string::npos);
  box.put(k_config, "{");
  CHECK(box.run({"daemon"}).code == 8);
  CHECK(box.run({"daemon", "--json"}).output.starts_with(R"({"schema_version":1,"error":{"code":"invalid")"));
  fs::remove(box.path(k_config));
  fs::create_directory(box.path(k_config));
  CHECK(box.run({"daemon"}).code == 8);
  fs::remove(box.path(k_config));
  box.put(k_config, good);
  box.start();
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("one daemon works on a folder, wherever its settings put the journal") {
  Sandbox box;
  box.configure({{"state_dir", state_dir(box, "state-a")}});
  box.start();
  box.configure({{"state_dir", state_dir(box, "state-b")}});
  const auto second = box.run({"daemon"});
  CHECK(second.code == 5);
  CHECK(says(second, std::to_string(box.pid())));
  CHECK(second.output.empty());
  const auto envelope = box.run({"--json", "daemon"});
  CHECK(envelope.code == 5);
  const json error = json::parse(envelope.output, nullptr, false)["error"];
  CHECK(error["code"] == "refused");
  CHECK(error["hint"].get<std::string>().ends_with("kill " + std::to_string(box.pid())));
  CHECK_FALSE(fs::exists(state_dir(box, "state-b") + "/journal.db"));
  CHECK(box.run({"pause"}).code == 0);  // the running one is found
  CHECK(box.stop() == 0);
}

TEST_CASE("a daemon that finds another one in its place ends: two never go on") {
  Sandbox box;
  box.start();
  baton::platform::Process first = box.give_away();
  REQUIRE(::kill(first.pid(), SIGSTOP) == 0);
  fs::remove_all(box.path("orchestrator/state"));
  box.start();
  REQUIRE(::kill(first.pid(), SIGCONT) == 0);
  std::optional<baton::platform::Exit> exit;
  box.require_eventually("the first one ends", [&] { return (exit = first.pump()).has_value(); });
  CHECK(exit->code == 5);
  CHECK(exit->error_output.find("had been deleted, so this daemon ends") != std::string::npos);
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  CHECK(box.stop() == 0);
}

TEST_CASE("a start in the moment of a kill -9 waits for the dying daemon's lock") {
  Sandbox box;
  for (int kill = 0; kill < 5; ++kill) {
    box.start();
    box.kill9_and_start();
    box.kill9();
  }
  box.start();
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("two folders never share a state_dir") {
  Sandbox box, other;
  const std::string shared = state_dir(box, "shared");
  box.configure({{"state_dir", shared}});
  other.configure({{"state_dir", shared}});
  box.start();
  CHECK(other.run({"daemon"}).code == 5);
  CHECK(box.stop() == 0);
}

TEST_CASE("another state_dir than last time: refused until the journal is moved, or the pointer removed on purpose") {
  Sandbox box;
  box.configure();
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  CHECK(box.stop() == 0);
  CHECK(box.read(k_place) == "orchestrator/state\n");
  const std::string fresh = state_dir(box, "state-b");
  box.configure({{"state_dir", fresh}});
  const auto refused = box.run({"daemon"});
  CHECK(refused.code == 8);
  CHECK(says(refused, box.path("orchestrator/state")));
  CHECK(says(refused, fresh));
  CHECK(says(refused, "journal.place"));
  CHECK_FALSE(fs::exists(fresh + "/journal.db"));

  fs::rename(box.path("orchestrator/state/journal.db"), fresh + "/journal.db");
  box.start();
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.stop() == 0);
  CHECK(box.read(k_place) == fresh + "\n");
  CHECK(box.feed("task_received").size() == 1);
  box.check_seq();

  box.configure();
  CHECK(box.run({"daemon"}).code == 8);
  fs::remove(box.path(k_config));
  CHECK(box.run({"daemon"}).code == 8);
  fs::remove(box.path(k_place));
  box.start();
  CHECK(box.stop() == 0);
}

TEST_CASE("a folder that was not made for it is left alone") {
  Sandbox box;
  const std::string above = fs::path(box.root()).parent_path().string();
  const std::size_t before = static_cast<std::size_t>(std::distance(fs::directory_iterator(above), {}));
  auto refused = run_daemon_in(above);
  CHECK(refused.code == 3);
  CHECK(says(refused, box.root()));
  CHECK(static_cast<std::size_t>(std::distance(fs::directory_iterator(above), {})) == before);
  const std::string empty = state_dir(box, "empty");
  refused = run_daemon_in(empty);
  CHECK(refused.code == 3);
  CHECK(says(refused, "baton init"));
  CHECK(fs::is_empty(empty));
}

TEST_CASE("lock and pointer that somebody deletes come back while the journal lies elsewhere") {
  Sandbox box;
  box.configure({{"state_dir", state_dir(box, "state-a")}});
  box.start();
  std::error_code error;
  do fs::remove_all(box.path("orchestrator/state"), error);  // again when the daemon was quicker in making it
  while (error);
  box.require_eventually("the lock", [&] { return box.exists("orchestrator/state/daemon.lock"); });
  box.require_eventually("the pointer", [&] { return box.exists(k_place); });
  box.require_eventually("the state", [&] { return box.exists("orchestrator/state/current.json"); });
  CHECK(box.run({"daemon"}).code == 5);
  CHECK(box.stop() == 0);
}

TEST_CASE("the pointer to the journal alone is deleted: it is put back") {
  Sandbox box;
  box.configure();
  box.start();
  fs::remove(box.path(k_place));
  box.require_eventually("the pointer", [&] { return box.read(k_place) == "orchestrator/state\n"; });
  CHECK(box.stop() == 0);
}

TEST_CASE("a state_dir that is deleted while the daemon runs is made again, with the journal and its lock") {
  Sandbox box, other;
  const std::string elsewhere = state_dir(box, "state-a");
  box.configure({{"state_dir", elsewhere}});
  other.configure({{"state_dir", elsewhere}});
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  std::error_code error;
  do fs::remove_all(elsewhere, error);  // again when the daemon was quicker in making it
  while (error);
  box.require_feed("journal_rewritten");
  box.require_eventually("the lock", [&] { return fs::exists(elsewhere + "/daemon.lock"); });
  CHECK(other.run({"daemon"}).code == 5);
  box.drop("two.json", typo("two.md"));
  box.require_handoff("development", "two");
  box.kill9();
  box.start();
  for (const char* id : {"one", "two"}) {
    box.complete("development", id);
    box.require_status(id, "completed");
  }
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("a journal that cannot be written anew: nothing is taken, the state says so, and work goes on by itself") {
  Sandbox box;
  const std::string elsewhere = state_dir(box, "state-a");
  box.configure({{"state_dir", elsewhere}});
  box.start();
  box.drop("one.json", typo("one.md"));
  box.require_handoff("development", "one");
  const std::string in_the_way = elsewhere + "-file";
  box.put("../state-a-file", "no folder");
  REQUIRE(::renameat2(AT_FDCWD, elsewhere.c_str(), AT_FDCWD, in_the_way.c_str(), RENAME_EXCHANGE) == 0);
  const auto daemon = [&] {
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() ? state["daemon"] : json::object();
  };
  box.require_eventually("the state says so", [&] { return daemon().value("state", "") == "no_journal"; });
  CHECK(daemon().value("message", "").find(elsewhere) != std::string::npos);
  box.drop("two.json", typo("two.md"));
  CHECK_FALSE(Sandbox::eventually([&] { return box.exists(Sandbox::handoff_path("development", "two")); }, 1));
  CHECK(box.running());
  fs::remove(elsewhere);
  box.require_feed("journal_rewritten");
  box.require_handoff("development", "two");
  box.require_eventually("the state is well", [&] { return daemon().value("state", "") == "running"; });
  box.kill9();
  box.start();
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(box.feed("task_received").size() == 2);
  CHECK(box.stop() == 0);
  box.check_seq();
}
