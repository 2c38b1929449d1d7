// Whose documents may bring commands that the daemon runs.
#include "service/trust.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "service/queue_site.h"
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

/// Where others may get in, and somebody else may have written the queue file.
void share_queue(Workshop& workshop, const std::string& bytes) {
  REQUIRE(::chmod(workshop.folder.path().c_str(), 0755) == 0);
  workshop.drop(k_queue, bytes);
  REQUIRE(::chmod((workshop.folder / k_queue).c_str(), 0666) == 0);
}

/// As the daemon's next version of it is, which belongs to nobody else.
void own_queue(Workshop& workshop) {
  const std::string path = workshop.folder / k_queue;
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  REQUIRE(::chown(path.c_str(), ::geteuid(), static_cast<::gid_t>(-1)) == 0);
}

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

TEST_CASE("an entry that was refused for its writer stays refused when the daemon has written the file, and after a start") {
  bool of_another_user = false;
  bool laid_out_anew = false;
  SUBCASE("others could write it") {}
  SUBCASE("it belonged to another user") { of_another_user = true; }
  SUBCASE("somebody has laid it out anew since") { laid_out_anew = true; }
  if (of_another_user && ::geteuid() != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  Workshop workshop;
  share_queue(workshop, queue_of({k_task, one("plain")}));
  if (of_another_user) REQUIRE(::chown((workshop.folder / k_queue).c_str(), 1234, static_cast<::gid_t>(-1)) == 0);
  {
    Run run(workshop);
    look(run);
    CHECK(run.core.task("t") == nullptr);
    CHECK(entry(workshop, "plain")["status"] == "assigned");
  }
  own_queue(workshop);
  if (laid_out_anew) workshop.drop(k_queue, workshop.document(k_queue).dump(1));
  for (int starts = 0; starts < 2; ++starts) {
    Run run(workshop);
    look(run);
    CHECK(run.core.task("t") == nullptr);
    CHECK(run.core.task("plain") != nullptr);
    CHECK(rejections(workshop, "task_rejected") == 1);
  }
  json changed = json::parse(k_task);
  changed["title"] = "y";
  workshop.drop(k_queue, queue_of({changed.dump(), entry(workshop, "plain").dump()}));
  Run run(workshop);
  look(run);
  CHECK(run.core.task("t") != nullptr);
}

TEST_CASE("who wrote an entry is asked of the version that was read, not of the one that lies there then") {
  Workshop workshop;
  share_queue(workshop, queue_of({k_task}));
  Run run(workshop);
  workshop.files.count_only(
      [](Primitive primitive, const std::string& path) { return primitive == Primitive::read && path == k_queue; });
  workshop.files.restart_count();
  workshop.files.after(1, [&] { workshop.drop(k_queue, queue_of({one("plain")})); });
  look(run);
  CHECK(run.core.task("t") == nullptr);
  CHECK(rejections(workshop, "task_rejected") == 1);
}

TEST_CASE("an entry that only a displaced file has stays refused where the daemon puts it back") {
  Workshop workshop;
  share_queue(workshop, queue_of({k_task}));
  workshop.move(k_queue, ".task-queue.json.displaced-1-1");
  workshop.drop(k_queue, "{\"tasks\": [\n  {\n    \"id\": \"plain\",\n    \"title\": \"x\"\n  }\n]}\n");
  for (int starts = 0; starts < 3; ++starts) {
    Run run(workshop);
    for (int n = 0; n < 3; ++n) look(run);
    CHECK(run.core.task("t") == nullptr);
    CHECK_FALSE(entry(workshop, "t").is_null());
    CHECK(displaced(workshop).empty());
  }
  CHECK(rejections(workshop, "task_rejected") == 1);
}

TEST_CASE("a task that was accepted stays so when somebody else lays out its entry anew") {
  Workshop workshop;
  Run run(workshop);
  workshop.drop(k_queue, queue_of({k_task}));
  look(run);
  REQUIRE(run.core.task("t") != nullptr);
  share_queue(workshop, workshop.document(k_queue).dump(1));
  look(run);
  CHECK(run.core.task("t") != nullptr);
  CHECK(workshop.document(k_queue)["tasks"].size() == 1);
  CHECK(rejections(workshop, "task_rejected") == 0);
}
