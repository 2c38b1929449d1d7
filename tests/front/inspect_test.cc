// validate, plan, config and doctor.
#include "front/document_check.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

TEST_CASE("validate prints file:line: pointer: message") {
  const Coordination coordination;
  coordination.write("t.json", "{\n  \"title\": \"x\",\n  \"priority\": \"hihg\"\n}\n");
  const Ran ran = coordination.run({"validate", coordination.at("t.json")});
  CHECK(ran.code == 8);
  INFO(ran.out);
  CHECK(ran.out.starts_with(coordination.at("t.json") + ":3: /priority: "));
  CHECK(contains(ran.out, "high"));
  CHECK(ran.err.empty());
}

TEST_CASE("validate finds the place of a syntax error") {
  const Coordination coordination;
  coordination.write("t.json", "{\n  \"title\": \"x\",\n  oops\n}\n");
  const Ran ran = coordination.run({"validate", coordination.at("t.json")});
  CHECK(ran.code == 8);
  INFO(ran.out);
  CHECK(ran.out.starts_with(coordination.at("t.json") + ":3: "));
}

TEST_CASE("validate accepts what baton lays down, and says the kind with -v") {
  const Coordination coordination;
  std::vector<std::string> words{"-v", "validate", coordination.at("orchestrator/config.json")};
  for (const std::string& name : coordination.names("orchestrator/playbooks"))
    words.push_back(coordination.at("orchestrator/playbooks/" + name));
  for (const char* master : {"development", "security"})
    words.push_back(coordination.at("masters/" + std::string(master) + "/master.json"));
  const Ran ran = coordination.run(words);
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(contains(ran.err, "config.json: valid config"));
  CHECK(contains(ran.err, "master.json: valid master"));
}

TEST_CASE("places inside a queue count from the file's beginning") {
  const Checked checked = check_document(
      "/x/task-queue.json",
      "{\"tasks\": [\n  {\"title\": \"good\"},\n  {\n    \"title\": \"bad\",\n    \"priority\": \"hihg\"\n  }\n]}\n");
  REQUIRE(checked.findings.size() == 1);
  CHECK(checked.kind == "queue");
  CHECK(checked.findings[0].place.pointer == "/tasks/1/priority");
  CHECK(checked.findings[0].place.line == 5);
}

TEST_CASE("validate finds everything that is wrong, not only the first") {
  const Checked checked = check_document(
      "/x/task-queue.d/t.json",
      "{\n  \"title\": \"x\",\n  \"priority\": \"hihg\",\n  \"execution_mode\": \"fast\",\n  \"aproval\": \"required\"\n}\n");
  REQUIRE(checked.findings.size() == 3);
  CHECK(checked.findings[0].place.line + checked.findings[1].place.line == 7);
  CHECK(checked.findings[2].place.pointer == "/aproval");
  CHECK(checked.findings[2].place.line == 5);
  CHECK(contains(checked.findings[2].message, "did you mean \"approval\"?"));
}

TEST_CASE("validate: names that are one slip away, and names that are not") {
  const std::string begin = "{\"steps\": [{\"role\": \"a\", \"title\": \"A\"}], ";
  CHECK(check_document("/x/orchestrator/playbooks/p.json", begin + "\"match_ayn\": [\"a\"]}").findings.size() == 1);
  CHECK(check_document("/x/orchestrator/playbooks/p.json", begin + "\"match_any\": [\"a\"], \"owner\": 1}").findings.empty());
  CHECK(check_document("/x/task-queue.d/t.json", R"([{"title": "a"}, {"title": "b", "dependsOn": ["a"]}])")
            .findings.at(0)
            .place.pointer == "/1/dependsOn");
  CHECK(check_document("/x/task-queue.d/t.json",
                       R"({"title": "a", "dependencies": ["b"], "created_by": "me", "task_id": "t", "notes": 1, "tags": []})")
            .findings.empty());
  const Checked markdown = check_document("/x/task-queue.d/t.md", "---\nid: a\npriorty: high\n---\n# T\n");
  REQUIRE(markdown.findings.size() == 1);
  CHECK(finding_text("t.md", markdown.findings[0]) == "t.md:3: /priorty: nobody reads \"priorty\" (did you mean \"priority\"?)");
  const Checked queue =
      check_document("/x/task-queue.json", "{\"tasks\": [{\"title\": \"a\"},\n{\"title\": \"b\",\n\"priorty\": 1}]}");
  REQUIRE(queue.findings.size() == 1);
  CHECK(finding_text("q", queue.findings[0]) == "q:3: /tasks/1/priorty: nobody reads \"priorty\" (did you mean \"priority\"?)");
}

TEST_CASE("comments only where people write by hand") {
  CHECK(check_document("/x/orchestrator/config.json", "// none\n{}\n").findings.empty());
  CHECK(check_document("/x/task-queue.d/t.json", "// no\n{\"title\": \"x\"}\n").findings.size() == 1);
}

TEST_CASE("Markdown, feeds and what nobody knows") {
  CHECK(check_document("/x/p.md", "# Title\n").findings.empty());
  CHECK(check_document("/x/p.md", "").findings.size() == 1);
  const Checked feed = check_document("/x/dashboard-events.jsonl",
                                      "{\"timestamp\":\"2025-11-05T18:00:00Z\",\"type\":\"task_received\"}\nbroken\n");
  REQUIRE(!feed.findings.empty());
  CHECK(feed.findings.back().place.line == 2);
  const Checked unknown = check_document("/x/y.json", "{\"colour\": 1}");
  REQUIRE(unknown.findings.size() == 1);
  CHECK(contains(unknown.findings[0].message, "cannot be told"));
}

TEST_CASE("finding_text leaves out what is not known") {
  CHECK(finding_text("f", {{"", 0, 0}, "m"}) == "f: m");
  CHECK(finding_text("f", {{"/a", 0, 0}, "m"}) == "f: /a: m");
  CHECK(finding_text("f", {{"/a", 7, 1}, "m"}) == "f:7: /a: m");
}

TEST_CASE("validate under --json, and files that are not there") {
  const Coordination coordination;
  const Ran ran = coordination.run({"validate", "--json", coordination.at("none.json")});
  CHECK(ran.code == 3);
  CHECK(contains(ran.out, "No such file"));
}

TEST_CASE("plan: the seed's example gives six subtasks in five stages") {
  const Coordination coordination;
  const Ran ran = coordination.run({"plan", "Add authentication system with security audit and documentation"});
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "complexity high"));
  CHECK(contains(ran.out, "planned by the playbook authentication"));
  CHECK(contains(ran.out, "auth-001-design"));
  CHECK(contains(ran.out, "\n5 "));
  CHECK(!contains(ran.out, "\n6 "));
  CHECK(contains(ran.out, "auth-006-"));
  CHECK(coordination.names("task-queue.d") == std::vector<std::string>{"accepted", "rejected"});
}

TEST_CASE("plan: a simple task goes to one master") {
  const Coordination coordination;
  const Ran ran = coordination.run({"plan", "Fix the typo in README.md", "--json"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "\"planner\": \"routed\""));
}

TEST_CASE("plan: documents, and what they break") {
  const Coordination coordination;
  coordination.write(
      "auth.json",
      R"({"title": "x", "subtasks": [{"subtask_id": "a", "title": "A", "dependencies": ["b"]}, {"subtask_id": "b", "title": "B", "dependencies": ["a"]}]})");
  const Ran cycle = coordination.run({"plan", coordination.at("auth.json")});
  CHECK(cycle.code == 8);
  INFO(cycle.err);
  CHECK(contains(cycle.err, "a"));
  coordination.write("two.json", R"([{"title": "x"}, {"title": "y"}])");
  CHECK(contains(coordination.run({"plan", coordination.at("two.json")}).err, "holds 2 tasks"));
  coordination.write("p.md", "# Fix the typo\n\nin README.md\n");
  CHECK(coordination.run({"plan", coordination.at("p.md")}).code == 0);
}

TEST_CASE("plan: a file that is not there is no title") {
  const Coordination coordination;
  const Ran ran = coordination.run({"plan", coordination.at("nofile.json")});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "nofile.json: No such file"));
}

TEST_CASE("plan takes the options of submit") {
  const Coordination coordination;
  CHECK(contains(coordination.run({"plan", "Fix the typo in README.md"}).out, "planned by nobody: it is one piece of work"));
  const Ran ran = coordination.run({"plan", "Fix the typo in README.md", "--to", "security", "--simple", "--id", "typo"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "master     security"));
  CHECK(contains(ran.out, "1      typo"));
  CHECK(contains(coordination.run({"plan", "x", "--simple", "--decompose"}).err, "contradict each other"));
  CHECK(contains(coordination.run({"plan", coordination.at("orchestrator/config.json"), "--id", "x"}).err,
                 "--id goes with a TITLE"));
}

TEST_CASE("config says what is meant, and sizes as one writes them") {
  const Coordination coordination;
  const Ran ran = coordination.run({"config"});
  CHECK(contains(ran.out, "64MiB"));
  CHECK(contains(ran.out, "512MiB"));
  CHECK(contains(ran.out, std::filesystem::path(coordination.root()).parent_path().string() + "  "));
  CHECK(contains(ran.out, coordination.at("orchestrator/state")));
}

TEST_CASE("plan says which documents it left out") {
  const Coordination coordination;
  coordination.write("masters/security/master.json", "{\"domains\": 3}");
  const Ran ran = coordination.run({"plan", "Fix it"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.err, "left out: masters/security/master.json: "));
}

TEST_CASE("config prints values and where they came from") {
  const Coordination coordination;
  coordination.write("orchestrator/config.json", "// mine\n{\"view_interval\": \"500ms\"}\n");
  const Ran ran = coordination.run({"config"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "orchestrator/config.json"));
  CHECK(contains(ran.out, "max_subtasks"));
  CHECK(contains(coordination.run({"config", "--json"}).out,
                 R"("view_interval":{"value":"500ms","source":"orchestrator/config.json"})"));
  coordination.write("orchestrator/config.json", "{\"view_intervall\": \"5m\"}");
  const Ran wrong = coordination.run({"config"});
  CHECK(wrong.code == 8);
  CHECK(contains(wrong.err, "did you mean \"view_interval\"?"));
}

TEST_CASE("doctor: a fresh folder is well but for the daemon") {
  const Coordination coordination;
  const Ran ran = coordination.run({"doctor"});
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "warn  daemon        none is running"));
  CHECK(contains(ran.out, "ok    folders"));
  CHECK(contains(ran.out, "ok    inotify       changes are noticed"));
  CHECK(contains(ran.out, "4 masters"));
  for (const std::string& name : coordination.names("orchestrator")) CHECK(name.front() != '.');
}

TEST_CASE("doctor: what is broken is named, with what to do") {
  const Coordination coordination;
  coordination.remove("worker-specs/stale");
  coordination.write("masters/security/master.json", "{");
  coordination.write("task-queue.json", "{\"title\": \"no queue\"}");
  coordination.write("task-queue.d/rejected/x.json", "{}");
  coordination.write("task-queue.d/rejected/x.json.error.json", R"({"schema_version":1,"message":"no title"})");
  coordination.write("task-queue.d/rejected/mended.json.error.json",
                     R"({"schema_version":1,"file":"mended.json","message":"old"})");
  coordination.write("masters/security/handoffs/to-security-subtask-gone.json", "{}");
  coordination.write("orchestrator/config.json", R"({"planner": {"command": ["no-such-planner"]}, "default_master": "qa"})");
  std::filesystem::permissions(coordination.at("masters"), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const Ran ran = coordination.run({"doctor"});
  INFO(ran.out);
  CHECK(ran.code == 1);
  CHECK(contains(ran.out, "fail  folders       missing: worker-specs/stale"));
  CHECK(contains(ran.out, "baton init lays down what is missing"));
  CHECK(contains(ran.out, "fail  documents     masters/security/master.json:1: "));
  CHECK(contains(ran.out, "a daemon that starts now goes without it"));
  CHECK(contains(ran.out, "fail  queue         task-queue.json:1: "));
  CHECK(contains(
      ran.out,
      "warn  refused       1 document refused and not dealt with; the latest: task-queue.d/rejected/x.json.error.json: no title"));
  CHECK(contains(ran.out, "1 handoff of no plan: masters/security/handoffs/to-security-subtask-gone.json"));
  CHECK(contains(ran.out, "fail  planner       the planner command no-such-planner cannot be started: not found in PATH"));
  CHECK(contains(ran.out, "default_master \"qa\" has no folder"));
  CHECK(contains(ran.out, "others may get into masters"));
  CHECK(contains(coordination.run({"doctor", "--json"}).out,
                 R"({"verdict":"fail","subject":"folders","finding":"missing: worker-specs/stale")"));
}

TEST_CASE("doctor: a broken configuration is told by its place, and by what follows from it") {
  const Coordination coordination;
  coordination.write("orchestrator/config.json", "{\n  \"view_intervall\": \"1s\"\n}");
  const Ran stopped = coordination.run({"doctor"});
  INFO(stopped.out);
  CHECK(stopped.code == 1);
  CHECK(contains(stopped.out, "fail  documents     orchestrator/config.json:2: /view_intervall: "));
  CHECK(contains(stopped.out, "no daemon starts until it is correct"));
  CHECK(!contains(stopped.out, "read last"));
  const PlayedDaemon daemon(coordination, {});
  CHECK(contains(coordination.run({"doctor"}).out, "until it is correct the daemon keeps what it read last"));
}
