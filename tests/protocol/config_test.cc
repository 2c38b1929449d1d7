#include "protocol/config.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "protocol/comments.h"
#include "protocol/example_files.h"
#include "protocol/validate.h"

using namespace baton;
using namespace baton::protocol;
using nlohmann::json;

namespace {

Config config(std::string_view bytes) {
  const auto read = read_config(bytes);
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  return *read;
}

}  // namespace

TEST_CASE("comments become blanks and nothing else moves") {
  CHECK(blank_comments("{ // x\n \"a\": 1 }") == "{     \n \"a\": 1 }");
  CHECK(blank_comments("/* a\n b */ {}") == "    \n      {}");
  CHECK(blank_comments(R"({"a": "// no \" /* no */"})") == R"({"a": "// no \" /* no */"})");
  CHECK(blank_comments("{} /* open") == "{} /* open");
  CHECK(blank_comments("\"open // x") == "\"open // x");
  CHECK(blank_comments("\"\\") == "\"\\");
  CHECK(blank_comments("/") == "/");
  CHECK(blank_comments("//") == "  ");
}

TEST_CASE("an empty configuration is the default") { CHECK(config("{}") == Config()); }

TEST_CASE("every setting is read") {
  const Config read = config(test::file_text(test::examples_folder() / "config/valid/everything.json"));
  CHECK(read.core.complexity_threshold == 1);
  CHECK(read.core.max_subtasks == 2000);
  CHECK(read.core.default_master == "security");
  CHECK(read.core.max_active_orchestrations == 3);
  CHECK(read.core.max_active_subtasks == 9);
  CHECK(read.core.file_conflicts == core::FileConflicts::plan);
  CHECK(read.core.has_planner_command);
  CHECK(read.planner_command == std::vector<std::string>{"plan", "--json"});
  CHECK(read.planner_timeout_ms == 120'000);
  const core::RecoverySettings& recovery = read.core.recovery;
  CHECK(recovery.max_attempts == 7);
  CHECK(recovery.retry_backoff_ms == 1'000);
  CHECK(recovery.retry_backoff_max_ms == 60'000);
  CHECK(recovery.heartbeat_timeout_ms == 60'000);
  CHECK(recovery.zombie_after_ms == 3'600'000);
  CHECK(recovery.exit_grace_ms == 0);
  CHECK(recovery.claim_timeout_ms == 300'000);
  CHECK(recovery.kill_grace_ms == 3'000);
  CHECK(recovery.breaker_failures == 0);
  CHECK(recovery.breaker_window_ms == 120'000);
  CHECK(recovery.breaker_reset_ms == 180'000);
  CHECK(read.min_free_disk == 1'073'741'824);
  CHECK(read.max_memory_pressure == 100);
  CHECK(read.notify_command == std::vector<std::string>{"tell", "me"});
  CHECK(read.notify_timeout_ms == 10'000);
  CHECK(read.checkpoints.at("tests pass").commands == std::vector<std::vector<std::string>>{{"npm", "test"}});
  CHECK(read.settle_ms == 0);
  CHECK(read.max_open_ms == 60'000);
  CHECK(read.view_interval_ms == 1'000);
  CHECK(read.rescan_ms == 100);
  CHECK(read.events_max_bytes == 65'536);
  CHECK(read.events_keep == 0);
  CHECK(read.max_document_bytes == 1'048'576);
  CHECK(read.max_queue_bytes == 1'073'741'824);
  CHECK(read.workspace == "..");
  CHECK(read.state_dir == "/var/lib/baton");
  CHECK(!(read == Config()));
  CHECK(read == read);
}

TEST_CASE("what decides about recovery has the documented defaults") {
  const std::map<std::string, std::string> documented = {
      {"max_attempts", "3"},           {"retry_backoff", "\"5s\""},  {"retry_backoff_max", "\"5m\""},
      {"heartbeat_timeout", "\"3m\""}, {"zombie_after", "\"20m\""},  {"exit_grace", "\"5s\""},
      {"claim_timeout", "\"20m\""},    {"kill_grace", "\"10s\""},    {"breaker_failures", "5"},
      {"breaker_window", "\"10m\""},   {"breaker_reset", "\"10m\""}, {"min_free_disk", "536870912"},
      {"max_memory_pressure", "20"},   {"notify", "null"},           {"checkpoints", "{}"},
  };
  std::size_t found = 0;
  for (const ConfigRow& row : config_rows(Config())) {
    if (!documented.contains(row.key)) continue;
    CAPTURE(row.key);
    CHECK(row.value == documented.at(row.key));
    CHECK(row.is_default);
    ++found;
  }
  CHECK(found == documented.size());
}

TEST_CASE("notify is a command, or an object with one") {
  const Config plain = config(R"({"notify": ["mail", "me"]})");
  CHECK(plain.notify_command == std::vector<std::string>{"mail", "me"});
  CHECK(plain.notify_timeout_ms == 30'000);
  CHECK(read_config(R"({"notify": "mail me"})").error().message ==
        "\"notify\" must be a list or an object, found the text \"mail me\"");
  CHECK(read_config(R"({"notify": [""]})").error().place.pointer == "/notify/0");
  CHECK(read_config(R"({"notify": {"command": ["a"], "timeout": "1ms"}})").error().place.pointer == "/notify/timeout");
}

TEST_CASE("the first wait before a retry is not longer than the longest") {
  CHECK(config(R"({"retry_backoff": "5m"})").core.recovery.retry_backoff_ms == 300'000);
  CHECK(read_config(R"({"retry_backoff": "6m"})").error().place.pointer == "/retry_backoff");
  CHECK(read_config(R"({"retry_backoff": "6m", "retry_backoff_max": "5m"})").error().message ==
        "retry_backoff (6m) is more than retry_backoff_max (5m)");
}

TEST_CASE("rows name every key of the schema, its value, and whether it is the default") {
  const Config read = config(R"({"settle": "2s", "planner": {"command": ["p"]}})");
  std::set<std::string> keys;
  for (const ConfigRow& row : config_rows(read)) {
    keys.insert(row.key);
    CHECK(row.is_default == (row.key != "settle" && row.key != "planner"));
    if (row.key == "settle") CHECK(row.value == "\"2s\"");
    if (row.key == "planner") CHECK(row.value == R"({"command":["p"],"timeout":"5m"})");
    if (row.key == "max_subtasks") CHECK(row.value == "50");
    if (row.key == "file_conflicts") CHECK(row.value == "\"all\"");
  }
  std::set<std::string> known;
  const json schema = json::parse(schema_text(Kind::config));
  for (const auto& item : schema["properties"].items()) known.insert(item.key());
  CHECK(keys == known);
}

TEST_CASE("bounds hold at the bound and one past it") {
  CHECK(config(R"({"complexity_threshold": 100})").core.complexity_threshold == 100);
  CHECK(!read_config(R"({"complexity_threshold": 101})").has_value());
  CHECK(config(R"({"max_document_bytes": 1024})").max_document_bytes == 1024);
  CHECK(read_config(R"({"max_document_bytes": 1023})").error().message ==
        "max_document_bytes must be between 1024 bytes and 1073741824 bytes, found 1023 bytes");
  CHECK(config(R"({"rescan": "100ms"})").rescan_ms == 100);
  CHECK(read_config(R"({"rescan": "99ms"})").error().message == "rescan must be between 100ms and 1d, found 99ms");
}

TEST_CASE("a complaint points into the file with its comments") {
  const auto read = read_config("// one\n{ /* two */ \"max_subtask\": 3 }");
  CHECK(read.error().message == "unknown key \"max_subtask\"");
  CHECK(read.error().hint == "did you mean \"max_subtasks\"?");
  CHECK(read.error().place == Place{"/max_subtask", 2, 28});
}

TEST_CASE("a master says what it is for") {
  const auto master = read_master("security", test::file_text(test::examples_folder() / "master/valid/full.json"));
  REQUIRE(master.has_value());
  CHECK(master->name == "security");
  CHECK(master->description == "Finds holes");
  CHECK(master->domains == std::vector<std::string>{"security"});
  CHECK(master->keywords == std::vector<std::string>{"cve", "audit"});
  CHECK(master->max_active == 2);
  CHECK(read_master("m", R"({"zombie_after": "soon"})").error().place.pointer == "/zombie_after");
  CHECK(read_master("m", R"({"time_limit": "0s"})").error().message == "time_limit must be longer than nothing");
  CHECK(read_master("m", R"({"liveness": "some"})").error().place.pointer == "/liveness");
  const auto patient = read_master("m", R"({"zombie_after": "1h", "time_limit": "2h", "liveness": "none"})");
  REQUIRE(patient.has_value());
  CHECK(patient->recovery.zombie_after_ms == 3'600'000);
  CHECK(patient->recovery.time_limit_ms == 7'200'000);
  CHECK_FALSE(patient->recovery.watched);
  const core::MasterRecovery as_all = read_master("m", "{}")->recovery;
  CHECK(as_all.zombie_after_ms == 0);
  CHECK(as_all.time_limit_ms == 0);
  CHECK(as_all.watched);
  CHECK(read_master("m", R"({"domains": "security"})")->domains == std::vector<std::string>{"security"});
}

TEST_CASE("a step of a playbook may ask for a task of its own") {
  const auto playbook = read_playbook("x", test::file_text(test::examples_folder() / "playbook/valid/orchestrated.json"));
  REQUIRE(playbook.has_value());
  REQUIRE(playbook->steps.size() == 2);
  CHECK_FALSE(playbook->steps[0].orchestrate);
  CHECK(playbook->steps[1].orchestrate);
}

TEST_CASE("a playbook is a recipe") {
  const auto playbook = read_playbook("authentication", test::file_text(test::examples_folder() / "playbook/valid/full.json"));
  REQUIRE(playbook.has_value());
  CHECK(playbook->name == "authentication");
  CHECK(playbook->slug == "auth");
  CHECK(playbook->priority == 10);
  CHECK(playbook->match_any == std::vector<std::string>{"authentication", "login"});
  CHECK(playbook->match_all.empty());
  CHECK(playbook->match_none == std::vector<std::string>{"remove"});
  REQUIRE(playbook->steps.size() == 2);
  CHECK(playbook->steps[0].role == "design");
  CHECK(playbook->steps[0].title == "Design {subject}");
  CHECK(playbook->steps[0].domain == "development");
  CHECK(playbook->steps[0].estimated_minutes == 15);
  CHECK(playbook->steps[0].estimated_tokens == 5000);
  CHECK(playbook->steps[0].files == std::vector<std::string>{"docs/{slug}.md"});
  CHECK(playbook->steps[1].dependencies == std::vector<std::string>{"design"});
  CHECK(playbook->steps[1].when_any == std::vector<std::string>{"api"});
  const auto nested = read_playbook("r", test::file_text(test::examples_folder() / "playbook/valid/nested-match.json"));
  CHECK(nested->match_any == std::vector<std::string>{"release"});
  CHECK(nested->match_none == std::vector<std::string>{"hotfix"});
  CHECK(nested->steps[0].files == std::vector<std::string>{"VERSION"});
}
