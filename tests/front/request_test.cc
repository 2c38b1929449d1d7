// baton submit and the commands: what lies in the folder, and what is made of the daemon's answers.
#include "front/views.h"
#include "front_fixture.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::front;

namespace {

std::vector<std::string> dropped(const Coordination& coordination) {
  std::vector<std::string> names;
  for (const std::string& name : coordination.names("task-queue.d"))
    if (name.ends_with(".json") || name.ends_with(".md")) names.push_back(name);
  return names;
}

std::string line_of(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The daemon's part in a request: answers the first command that comes.
std::function<bool()> answering(const Coordination& coordination, std::string answer, std::string& request) {
  return [&coordination, answer = std::move(answer), &request] {
    for (const std::string& name : coordination.names("orchestrator/commands")) {
      if (!name.ends_with(".json") || name.front() == '.') continue;
      request = coordination.read("orchestrator/commands/" + name);
      std::filesystem::remove(coordination.at("orchestrator/commands/" + name));
      coordination.write("orchestrator/commands/done/.answer", answer);
      std::filesystem::rename(coordination.at("orchestrator/commands/done/.answer"),
                              coordination.at("orchestrator/commands/done/" + name));
      return true;
    }
    return false;
  };
}

}  // namespace

TEST_CASE("a task waits in the drop folder for a daemon") {
  const Coordination coordination;
  const Ran ran =
      coordination.run({"submit", "Add a login page", "-d", "with roles", "--file", "a.js", "--file", "b.js", "--priority",
                        "high", "--to", "development", "--mode", "eager", "--after", "t-1", "--approval"});
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.err, "no daemon is running"));
  const std::string id = line_of(ran.out);
  CHECK(id.starts_with("task-2"));
  CHECK(id.size() == std::string("task-YYYYMMDD-HHMMSS-xxxx").size());
  CHECK(dropped(coordination) == std::vector<std::string>{id + ".json"});
  const auto tasks = protocol::read_dropped_json(coordination.read("task-queue.d/" + id + ".json"));
  REQUIRE(tasks.has_value());
  const core::TaskSpec& spec = tasks->front().spec;
  CHECK(spec.id == id);
  CHECK(spec.title == "Add a login page");
  CHECK(spec.description == "with roles");
  CHECK(spec.files_affected == std::vector<std::string>{"a.js", "b.js"});
  CHECK(spec.priority == core::Priority::high);
  CHECK(spec.assigned_to == "development");
  CHECK(spec.mode == core::ExecutionMode::eager);
  CHECK(spec.depends_on == std::vector<std::string>{"t-1"});
  CHECK(spec.approval_required);
}

TEST_CASE("what cannot be a task is not written") {
  const Coordination coordination;
  CHECK(coordination.run({"submit"}).code == 2);
  CHECK(contains(coordination.run({"submit", "  "}).err, "the TITLE is blank"));
  CHECK(contains(coordination.run({"submit", "x", "--priority", "hihg"}).err,
                 "unknown priority \"hihg\" (did you mean \"high\"?)"));
  CHECK(contains(coordination.run({"submit", "x", "--mode", "fast"}).err, "one of staged, sequential, eager"));
  CHECK(contains(coordination.run({"submit", "x", "--from", "t.json"}).err, "drop the TITLE"));
  CHECK(coordination.run({"submit", "--from", coordination.at("none.json")}).code == 3);
  coordination.write("half.json", "{\"title\": ");
  CHECK(coordination.run({"submit", "--from", coordination.at("half.json")}).code == 8);
  CHECK(coordination.run({"submit", "x", "--wait"}).code == 4);
  CHECK(dropped(coordination).empty());
}

TEST_CASE("documents are dropped as they are") {
  const Coordination coordination;
  coordination.write("two.json", R"({"tasks": [{"title": "one"}, {"id": "own", "title": "two"}], "extra": 1.50})");
  Ran ran = coordination.run({"submit", "--from", coordination.at("two.json")});
  REQUIRE(ran.code == 0);
  const std::string first = line_of(ran.out);
  CHECK(first.ends_with("-1"));
  CHECK(contains(ran.out, "\nown\n"));
  CHECK(coordination.read("task-queue.d/" + dropped(coordination).front()) == coordination.read("two.json"));

  coordination.write("prompt.md", "# Fix the typo\n\nin README\n");
  ran = coordination.run({"submit", "--from", coordination.at("prompt.md")});
  REQUIRE(ran.code == 0);
  CHECK(coordination.exists("task-queue.d/" + line_of(ran.out) + ".md"));
}

TEST_CASE("a daemon accepts") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, [&] {
    for (const std::string& name : dropped(coordination)) {
      const std::string id = name.substr(0, name.rfind('.'));
      coordination.write("orchestrator/tasks/orch-" + id + ".json",
                         R"({"parent_task_id":")" + id + R"(","status":"in_progress"})");
      std::filesystem::rename(coordination.at("task-queue.d/" + name), coordination.at("task-queue.d/accepted/" + name));
      return true;
    }
    return false;
  });
  const Ran ran = coordination.run({"submit", "Fix it", "--json"});
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
  CHECK(contains(ran.out, "\"state\":\"accepted\""));
}

TEST_CASE("a document with several tasks ends in one envelope") {
  const Coordination coordination;
  coordination.write("two.json", R"([{"id": "a", "title": "one"}, {"id": "b", "title": "two"}])");
  const PlayedDaemon daemon(coordination, [&] {
    for (const std::string& name : dropped(coordination)) {
      for (const std::string id : {"a", "b"}) {
        coordination.write("orchestrator/reports/" + id + ".md", "# done\n");
        coordination.write("orchestrator/tasks/orch-" + id + ".json",
                           R"({"parent_task_id":")" + id + R"(","status":")" + (id == "a" ? "completed" : "failed") + "\"}");
      }
      std::filesystem::rename(coordination.at("task-queue.d/" + name), coordination.at("task-queue.d/accepted/" + name));
      return true;
    }
    return false;
  });
  const Ran ran = coordination.run({"submit", "--from", coordination.at("two.json"), "--wait", "--json"});
  CHECK(ran.code == 1);
  CHECK(ran.out == R"({"schema_version":1,"data":{"tasks":[{"task_id":"a","status":"completed","title":""},)"
                   R"({"task_id":"b","status":"failed","title":""}]}})"
                   "\n");
}

TEST_CASE("a daemon refuses, with the reason and its place") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, [&] {
    for (const std::string& name : dropped(coordination)) {
      std::filesystem::rename(coordination.at("task-queue.d/" + name), coordination.at("task-queue.d/rejected/" + name));
      coordination.write(
          "task-queue.d/rejected/.r",
          R"({"schema_version":1,"code":"invalid","message":"no master \"qa\"","hint":"one of a, b","pointer":"/assigned_to","line":3,"column":18})");
      std::filesystem::rename(coordination.at("task-queue.d/rejected/.r"),
                              coordination.at("task-queue.d/rejected/" + name + ".error.json"));
      return true;
    }
    return false;
  });
  const Ran ran = coordination.run({"submit", "Fix it", "--to", "qa"});
  CHECK(ran.code == 8);
  CHECK(ran.out.empty());
  CHECK(contains(ran.err, "baton: the daemon refused the task: no master \"qa\" (line 3, column 18, /assigned_to)"));
  CHECK(contains(ran.err, "hint: one of a, b"));
}

TEST_CASE("commands need a daemon, and leave nothing behind without one") {
  const Coordination coordination;
  const Ran ran = coordination.run({"cancel", "auth"});
  CHECK(ran.code == 4);
  CHECK(contains(ran.err, "no daemon is running"));
  CHECK(contains(ran.err, "baton daemon"));
  CHECK(coordination.names("orchestrator/commands") == std::vector<std::string>{"done"});
}

TEST_CASE("a command carries subject and reason, and prints the answer") {
  const Coordination coordination;
  coordination.write("orchestrator/subtasks/auth-002.json", R"({"parent_task_id":"auth"})");
  std::string request;
  {
    const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":true,"message":"auth-002 is skipped"})", request));
    const Ran ran = coordination.run({"skip", "auth-002", "--reason", "by hand"});
    CHECK(ran.code == 0);
    CHECK(ran.out == "auth-002 is skipped\n");
  }
  auto command = protocol::read_command(request);
  REQUIRE(command.has_value());
  CHECK(command->verb == core::Verb::skip);
  CHECK(command->subject == "auth-002");
  CHECK(command->reason == "by hand");
  CHECK(contains(request, "\"subtask_id\""));
  {
    const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":true,"message":"paused"})", request));
    CHECK(coordination.run({"pause"}).code == 0);
  }
  command = protocol::read_command(request);
  REQUIRE(command.has_value());
  CHECK(command->verb == core::Verb::pause);
  CHECK(command->subject.empty());
  {
    const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":true,"message":"security is paused"})", request));
    CHECK(coordination.run({"pause", "--master", "security", "--reason", "by hand"}).out == "security is paused\n");
  }
  command = protocol::read_command(request);
  REQUIRE(command.has_value());
  CHECK(command->master == "security");
  CHECK(command->subject.empty());
  CHECK(command->reason == "by hand");
}

TEST_CASE("skip says why, or nothing is written") {
  const Coordination coordination;
  coordination.write("orchestrator/subtasks/auth-002.json", R"({"parent_task_id":"auth"})");
  const PlayedDaemon daemon(coordination, {});
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"skip", "auth-002"}, {"skip", "auth-002", "--reason", " "}}) {
    const Ran ran = coordination.run(words);
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "baton: skip needs a --reason"));
    CHECK(contains(ran.err, "hint: baton skip auth-002 --reason"));
  }
  CHECK(coordination.names("orchestrator/commands") == std::vector<std::string>{"done"});
}

TEST_CASE("a refused command exits 5, an unknown subject 3") {
  const Coordination coordination;
  coordination.write("orchestrator/tasks/orch-auth.json", "{}");
  std::string request;
  {
    const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":false,"message":"auth is completed"})", request));
    const Ran ran = coordination.run({"retry", "orch-auth"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "baton: auth is completed"));
    CHECK(protocol::read_command(request)->subject == "auth");
  }
  const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":false,"message":"there is no task nope"})", request));
  CHECK(coordination.run({"retry", "nope"}).code == 3);
}

TEST_CASE("backup names an absolute file") {
  const Coordination coordination;
  std::string request;
  const PlayedDaemon daemon(coordination, answering(coordination, R"({"ok":true,"message":"written"})", request));
  CHECK(coordination.run({"backup", "/tmp/../tmp/b.db"}).code == 0);
  CHECK(contains(request, "\"/tmp/b.db\""));
}

TEST_CASE("submit says which member of a document nobody reads") {
  const Coordination coordination;
  coordination.write("task.json", R"([{"id": "a", "title": "A"}, {"id": "b", "title": "B", "priorty": "high"}])");
  const Ran json = coordination.run({"submit", "--from", coordination.at("task.json")});
  CHECK(json.code == 0);
  CHECK(contains(json.err, "baton: warning: task b: /priorty: nobody reads \"priorty\" (did you mean \"priority\"?)\n"));
  CHECK(json.out == "a\nb\n");
  coordination.write("task.md", "---\nid: c\npriorty: high\n---\n# C\n");
  const Ran markdown = coordination.run({"submit", "--from", coordination.at("task.md"), "--json"});
  CHECK(markdown.code == 0);
  CHECK(contains(markdown.err, "task c: /priorty: nobody reads \"priorty\" (did you mean \"priority\"?)"));
  CHECK(markdown.out.starts_with("{\"schema_version\":1,\"data\":"));
}
