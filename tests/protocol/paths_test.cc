#include "protocol/paths.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace paths = baton::protocol::paths;
using paths::classify_handoff;
using paths::classify_worker;
using paths::NameKind;
using paths::WorkerFileKind;

TEST_CASE("names are built as the seed spells them") {
  CHECK(paths::plan("task-1") == "orchestrator/tasks/orch-task-1.json");
  CHECK(paths::plan_link("task-1") == "orchestrator/tasks/task-1.json");
  CHECK(paths::subtask("auth-001-design") == "orchestrator/subtasks/auth-001-design.json");
  CHECK(paths::report_json("t") == "orchestrator/reports/t.json");
  CHECK(paths::report_md("t") == "orchestrator/reports/t.md");
  CHECK(paths::escalation("t") == "orchestrator/escalations/t.json");
  CHECK(paths::master_folder("security") == "masters/security");
  CHECK(paths::master_config("security") == "masters/security/master.json");
  CHECK(paths::handoffs("security") == "masters/security/handoffs");
  CHECK(paths::claimed("security") == "masters/security/handoffs/claimed");
  CHECK(paths::done("security") == "masters/security/handoffs/done");
  CHECK(paths::stale("security") == "masters/security/handoffs/stale");
  CHECK(paths::handoff_id("development", "auth-002") == "to-development-subtask-auth-002");
  CHECK(paths::handoff_name("development", "auth-002") == "to-development-subtask-auth-002.json");
  CHECK(paths::staged_name("development", "auth-002", 3) == ".to-development-subtask-auth-002.json.e3");
  CHECK(paths::result_name("development", "auth-002") == "from-development-subtask-auth-002.json");
  CHECK(paths::worker_spec(paths::k_workers_active, "w-1") == "worker-specs/active/w-1.json");
  CHECK(paths::orchestration_id("task-1") == "orch-task-1");
  CHECK(paths::join("a/b", "c") == "a/b/c");
  CHECK(paths::join("", "c") == "c");
}

TEST_CASE("an orchestration id is its task's id with a prefix") {
  CHECK(paths::task_of_orchestration("orch-task-1") == "task-1");
  CHECK(paths::task_of_orchestration("task-1") == "task-1");
  CHECK(paths::task_of_orchestration("orch-") == "");
}

TEST_CASE("the name of a reason file never exceeds what a filesystem takes") {
  CHECK(paths::error_name("t7.json") == "t7.json.error.json");
  CHECK(paths::is_error_name("t7.json.error.json"));
  CHECK_FALSE(paths::is_error_name("error.json"));
  CHECK(paths::is_playbook_name("feature.json"));
  for (const char* other : {"feature.json.error.json", ".feature.json", "feature.json~", "feature.md"})
    CHECK_FALSE(paths::is_playbook_name(other));
  const std::string suffix = ".error.json";
  const std::string fits(255 - suffix.size(), 'n');
  CHECK(paths::error_name(fits) == fits + suffix);
  CHECK(paths::error_name(fits + "n") == fits + suffix);
  SUBCASE("and never ends in half a character") {
    const std::string text = std::string(243, 'n') + "é.json";  // the two bytes of é lie across the cut
    CHECK(paths::error_name(text) == std::string(243, 'n') + suffix);
  }
}

TEST_CASE("hidden and half-written names are private") {
  for (const char* name : {".hidden", "a~", "a.tmp", "a.json.swp", "a.part", "."}) CHECK_MESSAGE(paths::is_private(name), name);
  for (const char* name : {"a.json", "tmp", "a.tmp.json", "part", "a~b"}) CHECK_MESSAGE(!paths::is_private(name), name);
}

TEST_CASE("the name of a handoff tells master, subtask and what became of it") {
  struct Row {
    const char* name;
    NameKind kind;
    const char* subtask;
    int epoch;
  };
  const Row rows[] = {
      {"to-development-subtask-auth-002.json", NameKind::handoff, "auth-002", 0},
      {"to-development-subtask-auth-002.json.processed", NameKind::processed_handoff, "auth-002", 0},
      {".to-development-subtask-auth-002.json.e12", NameKind::staged_handoff, "auth-002", 12},
      {"to-development-subtask-auth-002.json.e2", NameKind::handoff, "auth-002", 2},
      {"to-development-subtask-auth-002.json.1", NameKind::handoff, "auth-002", 0},
      {"to-development-subtask-auth-002.json.e2.1", NameKind::handoff, "auth-002", 2},
      {"from-development-subtask-auth-002.json", NameKind::result, "auth-002", 0},
      {"from-development-subtask-auth-002.json.e2", NameKind::result, "auth-002", 2},
      {"to-development-subtask-a.json.e2.json", NameKind::handoff, "a.json.e2", 0},
      {"to-development-subtask-a-subtask-b.json", NameKind::handoff, "a-subtask-b", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const paths::HandoffName name = classify_handoff(row.name, "development");
    CHECK(name.kind == row.kind);
    CHECK(name.master == "development");
    CHECK(name.subtask_id == row.subtask);
    CHECK(name.epoch == row.epoch);
  }
}

TEST_CASE("names that are no handoff are nothing") {
  for (const char* name :
       {"", "to-", "to-development.json", "to-development-subtask-.json", "to-development-task-7.json",
        "to-Development-subtask-a.json", "to-development-subtask-../x.json", "to-development-subtask-a..b.json",
        "to-development-subtask-a.txt", "to-development-subtask-a.json.e", "to-development-subtask-a.json.ex",
        "to-development-subtask-a.json.e99999999999", ".to-development-subtask-a.json", ".from-development-subtask-a.json.e1",
        "from-development-subtask-a.json.processed", "to-development-subtask-a.json.e0x", "notes.md",
        "to-development-subtask-a.json.tmp", "from--subtask-a.json"}) {
    CHECK_MESSAGE(classify_handoff(name, "development").kind == NameKind::other, name);
  }
  const std::string long_id(97, 'a');
  CHECK(classify_handoff("to-development-subtask-" + long_id + ".json", "development").kind == NameKind::other);
  CHECK(classify_handoff("to-development-subtask-" + long_id.substr(1) + ".json", "development").kind == NameKind::handoff);
}

TEST_CASE("the folder decides where a master's own name holds -subtask-") {
  const auto own = classify_handoff("to-x-subtask-y-subtask-z.json", "x-subtask-y");
  CHECK(own.master == "x-subtask-y");
  CHECK(own.subtask_id == "z");
  const auto foreign = classify_handoff("to-x-subtask-y-subtask-z.json", "development");
  CHECK(foreign.master == "x");
  CHECK(foreign.subtask_id == "y-subtask-z");
}

TEST_CASE("a result in another master's folder says whose it is") {
  const auto name = classify_handoff("from-security-subtask-a.json", "development");
  CHECK(name.kind == NameKind::result);
  CHECK(name.master == "security");
}

TEST_CASE("what is built is recognised again") {
  for (const char* master : {"development", "x", "a-subtask-b", "m_1"}) {
    for (const char* id : {"a", "auth-001-design", "t.1", "x.json", "to-a-subtask-b", "a.e1", "a.7"}) {
      CAPTURE(master);
      CAPTURE(id);
      const auto handoff = classify_handoff(paths::handoff_name(master, id), master);
      CHECK((handoff.kind == NameKind::handoff && handoff.master == master && handoff.subtask_id == id));
      const auto staged = classify_handoff(paths::staged_name(master, id, 7), master);
      CHECK((staged.kind == NameKind::staged_handoff && staged.subtask_id == id && staged.epoch == 7));
      CHECK(paths::is_private(paths::staged_name(master, id, 7)));
      const auto result = classify_handoff(paths::result_name(master, id), master);
      CHECK((result.kind == NameKind::result && result.master == master && result.subtask_id == id));
    }
  }
}

TEST_CASE("the files of a worker") {
  CHECK(classify_worker("dev-worker-1.json").kind == WorkerFileKind::spec);
  CHECK(classify_worker("dev-worker-1.json").worker_id == "dev-worker-1");
  CHECK(classify_worker("dev-worker-1.pid").kind == WorkerFileKind::pid);
  CHECK(classify_worker("dev-worker-1.heartbeat").kind == WorkerFileKind::heartbeat);
  for (const char* name : {"", ".json", ".w.json", "w", "w.json.tmp", "w w.json", "-w.pid", "w.json.1"})
    CHECK_MESSAGE(classify_worker(name).kind == WorkerFileKind::other, name);
}

TEST_CASE("folders come after the folders they lie in") {
  const std::vector<std::string> folders = paths::fixed_folders();
  for (auto folder = folders.begin(); folder != folders.end(); ++folder) {
    const std::size_t slash = folder->rfind('/');
    if (slash == std::string::npos) continue;
    CHECK_MESSAGE(std::find(folders.begin(), folder, folder->substr(0, slash)) != folder, *folder);
  }
  for (auto needed : {paths::k_drop, paths::k_workers_active, paths::k_plans, paths::k_commands_done, paths::k_archive})
    CHECK(std::ranges::find(folders, needed) != folders.end());
}
