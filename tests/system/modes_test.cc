// How plans are made and carried out: modes, waiting, limits, approval, planner commands, settings that change.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

json step(const std::string& id, const json& dependencies = json::array(), const json& files = json::array()) {
  return {{"subtask_id", id},
          {"title", "Do " + id},
          {"assigned_to", "development"},
          {"dependencies", dependencies},
          {"files_affected", files}};
}

/// a, b | c after a, d after b.
json diamondless(const std::string& mode) {
  return {{"id", "m"},
          {"title", "Four steps"},
          {"execution_mode", mode},
          {"subtasks", json::array({step("a"), step("b"), step("c", {"a"}), step("d", {"b"})})}};
}

std::set<std::string> waiting(const Sandbox& box) {
  std::set<std::string> ids;
  for (const std::string& name : box.list("masters/development/handoffs"))
    if (name.starts_with("to-development-subtask-")) ids.insert(name.substr(23, name.size() - 28));
  return ids;
}

void require_waiting(Sandbox& box, const std::set<std::string>& ids) {
  std::string wanted;
  for (const std::string& id : ids) wanted += id + " ";
  box.require_eventually("handed out: " + wanted, [&] { return waiting(box) == ids; });
}

json typo(const std::string& file) { return {{"title", "Fix typo in " + file}, {"files_affected", {file}}}; }

/// An executable planner; `body` is shell and has the request in $request.
void planner(Sandbox& box, const std::string& body, const std::string& timeout = "30s") {
  const std::string script = box.path("orchestrator/planner.sh");
  box.put("orchestrator/planner.sh", "#!/bin/sh\nrequest=$(cat)\necho x >> \"" + box.path("orchestrator/planner.calls") +
                                         "\"\nprintf '%s' \"$request\" > \"" + box.path("orchestrator/.asked") + "-$$\"\nmv \"" +
                                         box.path("orchestrator/.asked") + "-$$\" \"" +
                                         box.path("orchestrator/planner-request-") + "$$.json\"\n" + body + "\n");
  REQUIRE(::chmod(script.c_str(), 0700) == 0);
  box.configure({{"planner", {{"command", {script}}, {"timeout", timeout}}}});
}

std::size_t planner_calls(const Sandbox& box) { return box.read("orchestrator/planner.calls").size() / 2; }

const json k_large = {{"id", "big"},
                      {"title", "Prepare the autumn conference and audit every talk for security"},
                      {"orchestration_required", true}};

/// "w" of these files fails until it is split, by a daemon whose planner is in place.
void fail_until_split(Sandbox& box, const json& files) {
  json settings = box.document("orchestrator/config.json");
  settings["retry_backoff"] = "0s";
  box.put("orchestrator/config.json", settings.dump());
  box.start();
  box.drop("s.json", {{"id", "s"}, {"title", "One step"}, {"subtasks", json::array({step("w", json::array(), files)})}});
  for (int n = 1; n <= 2; ++n) {
    box.require_feed("subtask_handed_off", static_cast<std::size_t>(n));
    box.require_handoff("development", "w");
    box.answer("development", "w", {{"status", "failed"}, {"epoch", n}, {"error", "too much"}});
    box.require_feed("subtask_retried", static_cast<std::size_t>(n));
  }
}

const std::string k_good = R"(cat <<'END'
{"subtasks": [{"subtask_id": "p1", "title": "First", "assigned_to": "development"},
              {"subtask_id": "p2", "title": "Second", "assigned_to": "security", "dependencies": ["p1"]}]}
END)";

}  // namespace

TEST_CASE("staged: the next stage waits for all of this one") {
  Sandbox box;
  box.start();
  box.drop("m.json", diamondless("staged"));
  require_waiting(box, {"a", "b"});
  box.complete("development", "a");
  box.require_feed("subtask_completed");
  box.pass_by();
  require_waiting(box, {"b", "pass-1"});
  box.complete("development", "b");
  require_waiting(box, {"c", "d", "pass-1"});
}

TEST_CASE("sequential: one at a time") {
  Sandbox box;
  box.start();
  box.drop("m.json", diamondless("sequential"));
  std::vector<std::string> order;
  while (order.size() < 4) {
    box.require_eventually("a handoff", [&] { return !waiting(box).empty(); });
    REQUIRE(waiting(box).size() == 1);
    order.push_back(*waiting(box).begin());
    box.complete("development", order.back());
    box.require_feed("subtask_completed", order.size());
    box.require_eventually("filed", [&] { return !waiting(box).contains(order.back()); });
  }
  CHECK(order == std::vector<std::string>{"a", "b", "c", "d"});
  box.require_status("m", "completed");
}

TEST_CASE("eager: a subtask starts when its own dependencies are done") {
  Sandbox box;
  box.start();
  box.drop("m.json", diamondless("eager"));
  require_waiting(box, {"a", "b"});
  box.complete("development", "a");
  require_waiting(box, {"b", "c"});
}

TEST_CASE("depends_on: an unknown id waits and says so, a failed one blocks, a completed one lets go") {
  Sandbox box;
  box.start();
  json second = typo("second.md");
  second["depends_on"] = {"first"};
  box.drop("second.json", second);
  box.require_status("second", "planning");
  box.require_feed("task_waiting");
  box.require_eventually("attention",
                         [&] { return says(box.document("orchestrator/state/current.json")["attention"], "first"); });
  CHECK(waiting(box).empty());
  box.drop("first.json", typo("first.md"));
  require_waiting(box, {"first"});
  box.require_eventually("no attention", [&] { return box.document("orchestrator/state/current.json")["attention"].empty(); });
  box.answer("development", "first", {{"status", "failed"}, {"error", "no"}, {"failure_class", "permanent"}});
  box.require_status("first", "blocked");
  CHECK(box.run({"cancel", "first"}).code == 0);
  box.require_status("second", "blocked");
  CHECK(box.run({"skip", "second", "--reason", "it can do without"}).code == 0);
  box.require_handoff("development", "second");
  json third = typo("third.md");
  third["depends_on"] = {"second"};
  box.drop("third.json", third);
  box.require_status("third", "planning");
  box.complete("development", "second");
  box.require_handoff("development", "third");
  json loop = typo("loop.md");
  loop["depends_on"] = {"loop"};
  box.drop("loop.json", loop);
  CHECK(says(box.require_refusal("loop.json"), "loop → loop"));
}

TEST_CASE("priorities and limits: one at a time, the critical one first; master.json limits too") {
  Sandbox box;
  box.configure({{"max_active_subtasks", 1}});
  box.start();
  for (const auto& [name, priority] : {std::pair{"now", "medium"}, std::pair{"low", "low"}, std::pair{"critical", "critical"}}) {
    const std::string id = name;  // a lambda cannot capture a structured binding
    json task = typo(std::string(id) + ".md");
    task["priority"] = priority;
    box.drop(std::string(id) + ".json", task);
    box.require_eventually("planned", [&] { return box.plan(id).is_object(); });
  }
  require_waiting(box, {"now"});
  box.complete("development", "now");
  require_waiting(box, {"critical"});
  box.complete("development", "critical");
  require_waiting(box, {"low"});
  box.configure();
  box.require_feed("config_reloaded");
  box.put("masters/development/master.json", R"({"domains": ["development"], "max_active": 2})");
  box.require_feed("config_reloaded", 2);
  for (const char* id : {"x", "y", "z"}) box.drop(std::string(id) + ".json", typo(std::string(id) + ".md"));
  box.require_eventually("all planned",
                         [&] { return box.plan("x").is_object() && box.plan("y").is_object() && box.plan("z").is_object(); });
  box.require_eventually("two", [&] { return waiting(box).size() == 2; });
  CHECK(waiting(box).contains("low"));
}

TEST_CASE("approval: nothing is handed out before approve; reject cancels") {
  Sandbox box;
  box.start();
  for (const char* id : {"yes", "no"}) {
    json task = typo(std::string(id) + ".md");
    task["approval"] = "required";
    box.drop(std::string(id) + ".json", task);
    box.require_status(id, "awaiting_approval");
  }
  CHECK(waiting(box).empty());
  CHECK(box.run({"approve", "yes"}).code == 0);
  require_waiting(box, {"yes"});
  CHECK(box.run({"reject", "no", "--reason", "too dear"}).code == 0);
  box.require_status("no", "cancelled");
  CHECK(box.run({"approve", "no"}).code == 5);
}

TEST_CASE("pause holds handoffs back, over a restart too; results still count") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("one.md"));
  require_waiting(box, {"one"});
  CHECK(box.run({"pause"}).code == 0);
  box.drop("two.json", typo("two.md"));
  box.require_eventually("planned", [&] { return box.plan("two").is_object(); });
  box.complete("development", "one");
  box.require_status("one", "completed");
  CHECK(waiting(box).empty());
  box.kill9();
  box.start();
  CHECK(waiting(box).empty());
  CHECK(box.run({"resume"}).code == 0);
  require_waiting(box, {"two"});
}

TEST_CASE("a paused master is handed nothing, over a restart too; others go on") {
  Sandbox box;
  box.start();
  CHECK(box.run({"pause", "--master", "development", "--reason", "it is on holiday"}).code == 0);
  CHECK(box.run({"pause", "--master", "development"}).code == 5);
  CHECK(box.run({"pause", "--master", "development", "one"}).code == 2);
  CHECK(box.run({"pause", "--master", "nobody"}).code == 5);
  box.drop("one.json", typo("one.md"));
  json audit = typo("two.md");
  audit["assigned_to"] = "security";
  box.drop("two.json", audit);
  box.require_handoff("security", "two");
  box.require_eventually("planned", [&] { return box.plan("one").is_object(); });
  CHECK(waiting(box).empty());
  const auto explained = box.run({"explain", "one"});
  CHECK(explained.output.find("master development is paused") != std::string::npos);
  CHECK(explained.output.find("baton resume --master development") != std::string::npos);
  box.kill9();
  box.start();
  box.require_eventually("remembered", [&] {
    const json state = box.document("orchestrator/state/current.json");
    return says(state["attention"], "development is paused") && state["masters"]["development"]["paused"] == true;
  });
  CHECK(waiting(box).empty());
  CHECK(box.run({"retry", "--master", "development"}).code == 5);
  CHECK(box.run({"resume", "--master", "development"}).code == 0);
  require_waiting(box, {"one"});
  CHECK(!box.document("orchestrator/state/current.json")["masters"]["development"].contains("paused"));
}

TEST_CASE("file conflicts across tasks: the second waits, explain says for whom") {
  Sandbox box;
  box.start();
  box.drop("one.json", typo("src/app.js"));
  require_waiting(box, {"one"});
  box.drop("two.json", typo("src/app.js"));
  box.require_eventually("planned", [&] { return box.plan("two").is_object(); });
  const auto explained = box.run({"explain", "two"});
  CHECK(explained.output.find("one") != std::string::npos);
  require_waiting(box, {"one"});
  box.complete("development", "one");
  require_waiting(box, {"two"});
}

TEST_CASE("explicit subtasks that break a rule refuse their document") {
  Sandbox box;
  box.start();
  const auto task = [](json steps) { return json{{"title", "Steps"}, {"subtasks", std::move(steps)}}; };
  json nobody = step("a");
  nobody["assigned_to"] = "developmnt";
  box.drop("cycle.json", task(json::array({step("a", {"b"}), step("b", {"a"})})));
  box.drop("missing.json", task(json::array({step("a", {"zz"})})));
  box.drop("twice.json", task(json::array({step("a"), step("a")})));
  box.drop("nobody.json", task(json::array({nobody})));
  json deep = json::array({step("s0")});
  for (int i = 1; i <= 10; ++i) deep.push_back(step("s" + std::to_string(i), {"s" + std::to_string(i - 1)}));
  box.drop("deep.json", task(deep));
  deep.erase(10);
  box.drop("ten.json", task(deep));
  CHECK(says(box.require_refusal("cycle.json"), "a → b → a"));
  CHECK(says(box.require_refusal("missing.json"), "zz"));
  CHECK(says(box.require_refusal("twice.json"), "a"));
  CHECK(says(box.require_refusal("nobody.json"), "development"));
  CHECK(says(box.require_refusal("deep.json"), "10"));
  require_waiting(box, {"s0"});
}

TEST_CASE("a playbook by name; an unknown one is refused with the nearest name") {
  Sandbox box;
  box.start();
  box.drop("one.json", {{"title", "Change the paint"}, {"playbook", "feature"}});
  box.require_eventually("the plan", [&] { return box.plan("one").is_object(); });
  CHECK(says(box.plan("one")["planner"], "playbook"));
  CHECK(box.plan("one")["subtasks"].size() >= 3);
  box.drop("two.json", {{"title", "Change the paint"}, {"playbook", "featur"}});
  CHECK(says(box.require_refusal("two.json"), "feature"));
}

TEST_CASE("a planner command that answers well") {
  Sandbox box;
  planner(box, k_good);
  box.start();
  box.drop("big.json", k_large);
  box.require_handoff("development", "p1");
  box.require_status("big", "in_progress");
  CHECK(says(box.plan("big")["planner"], "command"));
  box.complete("development", "p1");
  box.require_handoff("security", "p2");
  CHECK(planner_calls(box) == 1);
}

TEST_CASE("a planner command that answers badly gets one round of repair") {
  Sandbox box;
  planner(
      box,
      "case \"$request\" in *'\"problems\"'*) ;; *) echo '{\"subtasks\": [{\"title\": \"x\", \"dependencies\": [\"zz\"]}]}'; exit 0;; esac\n" +
          k_good);
  box.start();
  box.drop("big.json", k_large);
  box.require_handoff("development", "p1");
  CHECK(planner_calls(box) == 2);
}

TEST_CASE("a planner command that fails, prints garbage or never ends: the rules take over and say so") {
  struct Case {
    const char* body;
    const char* timeout;
    const char* note;
    std::size_t calls;
  };
  for (const Case& each :
       {Case{"echo sorry >&2; exit 3", "30s", "exit code 3: sorry", 1}, Case{"echo garbage", "30s", "no plan", 2},
        Case{"exit 0", "30s", "no plan", 2}, Case{"head -c 2000000 /dev/zero", "30s", "more than 1 MiB", 1},
        Case{"sleep 1000", "5s", "did not answer within 5s", 1}}) {
    CAPTURE(each.body);
    Sandbox box;
    planner(box, each.body, each.timeout);
    box.start();
    box.drop("big.json", k_large);
    box.require_feed("orchestration_planned");
    CHECK_MESSAGE(says(box.feed("orchestration_planned")[0]["note"], each.note), box.feed("orchestration_planned")[0].dump());
    box.require_eventually("the plan", [&] { return box.status("big") == "in_progress"; });
    CHECK_FALSE(says(box.plan("big")["planner"], "command"));
    CHECK(planner_calls(box) == each.calls);
  }
}

TEST_CASE("a subtask that failed twice is split as the planner command says; killed while it thinks, it is asked again") {
  Sandbox box;
  planner(box, "[ $(wc -l < \"" + box.path("orchestrator/planner.calls") + "\") -gt 1 ] || exec sleep 1000\n" + R"(cat <<'END'
{"subtasks": [{"title": "The words", "files_affected": ["docs/x.md"]},
              {"title": "The code", "files_affected": ["src/b.js", "src/a.js"]}]}
END)");
  fail_until_split(box, {"src/a.js", "src/b.js", "docs/x.md"});
  box.require_eventually("it thinks", [&] { return planner_calls(box) == 1; });
  box.kill9();
  box.start();
  box.require_feed("subtask_split");
  CHECK(box.feed("subtask_split")[0]["planner"] == "command");
  require_waiting(box, {"w-a", "w-b"});
  CHECK(box.document(Sandbox::handoff_path("development", "w-a"))["task"]["title"] == "The words");
  CHECK(box.document(Sandbox::handoff_path("development", "w-b"))["task"]["files_affected"] == json({"src/a.js", "src/b.js"}));
  CHECK(planner_calls(box) == 2);
}

TEST_CASE("a planner command that cannot split: halves by files, and the feed says why") {
  Sandbox box;
  planner(box, "echo sorry >&2; exit 3");
  fail_until_split(box, {"src/a.js", "src/b.js"});
  box.require_feed("subtask_split");
  CHECK(says(box.feed("subtask_split")[0]["note"], "exit code 3: sorry"));
  require_waiting(box, {"w-a", "w-b"});
}

TEST_CASE("the daemon is killed while the planner thinks: asked again, planned once, nobody left behind") {
  Sandbox box;
  planner(box, "[ $(wc -l < \"" + box.path("orchestrator/planner.calls") + "\") -gt 1 ] || { echo $$ > \"" +
                   box.path("orchestrator/planner.pid") + "\"; sleep 1000; }\n" + k_good);
  box.start();
  box.drop("big.json", k_large);
  box.require_eventually("it thinks", [&] { return box.read("orchestrator/planner.pid").ends_with("\n"); });
  const std::string pid = box.read("orchestrator/planner.pid");
  box.kill9();
  box.require_eventually("it is gone", [&] {
    std::string state = "/proc/" + pid.substr(0, pid.size() - 1) + "/cwd";
    std::error_code error;
    return fs::read_symlink(state, error).empty();
  });
  box.start();
  box.require_handoff("development", "p1");
  box.require_feed("orchestration_planned");  // the handoff goes out first
  CHECK(box.feed("orchestration_planned").size() == 1);
  CHECK(planner_calls(box) == 2);
}

TEST_CASE("settings: an invalid file keeps the old ones and is reported; a good one counts at once") {
  Sandbox box;
  box.configure({{"max_active_subtasks", 1}});
  box.start();
  box.drop("one.json", typo("one.md"));
  require_waiting(box, {"one"});
  box.put("orchestrator/config.json", R"({"max_active_subtask": 5})");
  box.require_feed("document_rejected");
  CHECK(says(box.feed("document_rejected")[0], "max_active_subtasks"));
  box.drop("two.json", typo("two.md"));
  box.require_eventually("planned", [&] { return box.plan("two").is_object(); });
  require_waiting(box, {"one"});
  box.configure({{"max_active_subtasks", 2}});
  require_waiting(box, {"one", "two"});
}

TEST_CASE("a master that appears at runtime gets work, one that goes away takes none") {
  Sandbox box;
  box.start();
  box.drop("early.json", {{"title", "Paint the fence"}, {"assigned_to", "painter"}});
  box.require_refusal("early.json");
  fs::create_directory(box.path("masters/painter"));
  box.require_eventually("its folders", [&] { return box.exists("masters/painter/handoffs/claimed"); });
  box.drop("fence.json", {{"title", "Paint the fence"}, {"assigned_to", "painter"}});
  box.require_handoff("painter", "fence");
  box.claim("painter", "fence");
  box.require_feed("subtask_claimed");
  box.complete("painter", "fence");
  box.require_status("fence", "completed");
  std::error_code error;  // the daemon may be quicker in making what was removed: again then
  do fs::remove_all(box.path("masters/painter"), error);
  while (error);
  box.require_feed("config_reloaded", 2);
  CHECK_FALSE(box.exists("masters/painter"));
  box.drop("late.json", {{"title", "Paint the fence"}, {"assigned_to", "painter"}});
  box.require_refusal("late.json");
}

TEST_CASE("what a planner started does not outlive the daemon by more than the next start") {
  Sandbox box;
  // In a session of its own: no signal to the planner's group reaches it.
  planner(box, "setsid sh -c 'echo $$ > \"" + box.path("orchestrator/helper.pid") + "\"; exec sleep 1000' &\nwait");
  box.start();
  box.drop("big.json", k_large);
  box.require_eventually("the planner's helper runs", [&] { return box.read("orchestrator/helper.pid").ends_with("\n"); });
  const std::string helper = "/proc/" + std::to_string(std::stoi(box.read("orchestrator/helper.pid")));
  box.kill9();
  CHECK(fs::exists(helper));  // nobody but the planner itself dies with the daemon
  box.put("orchestrator/planner.sh", "#!/bin/sh\n" + k_good + "\n");
  REQUIRE(::chmod(box.path("orchestrator/planner.sh").c_str(), 0700) == 0);
  box.start();
  box.require_eventually("the helper is ended", [&] { return !fs::exists(helper); });
  box.require_status("big", "in_progress");
  CHECK(box.plan("big")["planner"] == "command");
}
