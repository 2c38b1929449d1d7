// Whose documents may bring commands that the daemon runs.
#include "service/trust.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_task = R"({"id": "t", "title": "x", "subtasks": [{"title": "a"}, {"title": "b",
  "checkpoint": {"description": "it holds", "commands": [["true"]]}}]})";
const std::string k_words = R"({"id": "t", "title": "x", "checkpoint": "it holds"})";

struct Door {
  Workshop workshop;
  platform::Stat file;

  Door(::mode_t folder_mode, ::mode_t file_mode, ::uid_t owner) {
    file.mode = file_mode;
    file.uid = owner;
    REQUIRE(::chmod(workshop.folder.path().c_str(), folder_mode) == 0);
  }
  Result<> asked(const std::string& task) {
    return service::trust_commands(workshop.files, file, protocol::read_dropped_json(task)->front());
  }
  std::string reason() {
    const auto trusted = asked(k_task);
    return trusted ? "" : trusted.error().message;
  }
};

void take_all(Run& run) {
  for (int n = 0; n < 8; ++n) run.take();
  static_cast<void>(run.inputs.file());
}

void drop(Run& run, const std::string& name, const std::string& bytes) {
  run.workshop.drop("task-queue.d/" + name, bytes);
  run.intake.notice({platform::Notice::What::appeared, "task-queue.d", name, false});
  take_all(run);
}

}  // namespace

TEST_CASE("in a folder of one's own: files of the daemon's user and of root, that nobody else can have written") {
  const ::uid_t me = ::geteuid();
  CHECK(Door(0700, 0600, me).reason().empty());
  CHECK(Door(0700, 0666, me).reason().empty());  // nobody else gets there
  CHECK(Door(0755, 0644, me).reason().empty());
  CHECK(Door(0700, 0600, 0).reason().empty());
  CHECK(Door(0700, 0600, me + 1).reason() ==
        "these commands are not run: the file belongs to the user " + std::to_string(me + 1));
  CHECK(Door(0755, 0664, me).reason() == "these commands are not run: others may write the file, too");
  CHECK(Door(0755, 0646, me).reason() == "these commands are not run: others may write the file, too");
  CHECK(Door(0750, 0646, me).reason().empty());
}

TEST_CASE("in a shared folder no document brings commands") {
  const ::uid_t me = ::geteuid();
  CHECK(Door(0770, 0600, me).reason() == "these commands are not run: the coordination folder is shared");
  CHECK(Door(0702, 0600, me).reason() == "these commands are not run: the coordination folder is shared");
}

TEST_CASE("words are everybody's right") { CHECK(Door(0770, 0666, ::geteuid() + 1).asked(k_words).has_value()); }

TEST_CASE("a dropped task with commands is refused in a shared folder, with the place") {
  Workshop workshop;
  REQUIRE(::chmod(workshop.folder.path().c_str(), 0770) == 0);
  Run run(workshop);
  drop(run, "t.json", "[" + k_words + ",\n " + R"({"id": "u", "title": "y", "checkpoint": {"command": "true"}})" + "]");
  CHECK(run.core.task("t") == nullptr);
  CHECK(run.core.task("u") == nullptr);
  const json reason = workshop.document("task-queue.d/rejected/t.json.error.json");
  CHECK(reason["message"] == "these commands are not run: the coordination folder is shared");
  CHECK(reason["pointer"] == "/1/checkpoint/command");
  CHECK(reason["line"] == 2);
  CHECK(reason["hint"].get<std::string>().find("orchestrator/config.json") != std::string::npos);
}

TEST_CASE("a dropped task with commands is taken in a folder of one's own") {
  Workshop workshop;
  Run run(workshop);
  drop(run, "t.json", k_task);
  REQUIRE(run.core.task("t") != nullptr);
  CHECK(workshop.list("task-queue.d/rejected").empty());
}

TEST_CASE("an entry of the queue file with commands: the same, and the entries beside it are taken") {
  for (const bool shared : {false, true}) {
    CAPTURE(shared);
    Workshop workshop;
    if (shared) REQUIRE(::chmod(workshop.folder.path().c_str(), 0770) == 0);
    Run run(workshop);
    workshop.drop("task-queue.json", "{\"tasks\": [" + k_task + ",\n {\"id\": \"plain\", \"title\": \"x\"}]}");
    run.queue.look();
    take_all(run);
    CHECK((run.core.task("t") == nullptr) == shared);
    CHECK(run.core.task("plain") != nullptr);
    if (!shared) continue;
    const json reason = workshop.document("task-queue.d/rejected/t.error.json");
    CHECK(reason["message"] == "these commands are not run: the coordination folder is shared");
    CHECK(reason["pointer"] == "/tasks/0/subtasks/1/checkpoint/commands");
    CHECK(reason["line"] == 2);
  }
}
