// The command that tells a person: what it reads, and that neither a kill nor its own failure loses anything.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

/// A notifier that puts each document into a file of its own in told/, beside the coordination folder; `before` is shell.
json notifier(const Sandbox& box, const std::string& before = "") {
  fs::create_directory(box.path("../told"));
  const std::string put = "cat > told/.$$ && " + before + " mv told/.$$ told/$$.json";
  return {{"notify", {"/bin/sh", "-c", put}}};
}

/// It does not end by itself; its pid stands in `hangs`, beside the coordination folder.
json hanging_notifier(const std::string& timeout) {
  const std::string hang = "echo $$ > .hangs && mv .hangs hangs && exec sleep 1000";
  return {{"notify", {{"command", {"/bin/sh", "-c", hang}}, {"timeout", timeout}}}};
}

pid_t require_hanging(Sandbox& box) {
  box.require_eventually("the command hangs", [&] { return box.exists("../hangs"); });
  return static_cast<pid_t>(std::stol(box.read("../hangs")));
}

bool is_running(pid_t pid) { return ::kill(pid, 0) == 0; }

std::vector<json> told(const Sandbox& box) {
  std::vector<json> all;
  for (const std::string& name : box.list("../told")) all.push_back(box.document("../told/" + name));
  return all;
}

json require_told(Sandbox& box, const std::string& reason) {
  json found;
  box.require_eventually("told: " + reason, [&] {
    for (const json& each : told(box))
      if (each.is_object() && each["reason"] == reason) found = each;
    return found.is_object();
  });
  return found;
}

void fail_for_good(Sandbox& box, const std::string& id) {
  box.require_handoff("development", id);
  box.answer("development", id, {{"status", "failed"}, {"failure_class", "permanent"}, {"error", "no compiler"}});
}

}  // namespace

TEST_CASE("a blocked plan is told, with the commands that resolve it") {
  Sandbox box;
  box.configure(notifier(box));
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  fail_for_good(box, "t");
  const json notice = require_told(box, "blocked");
  CHECK(notice["task_id"] == "t");
  CHECK(notice["title"] == "Fix typo in README.md");
  CHECK(notice["coordination"] == box.root());
  CHECK(notice["escalation"]["failure_reason"] == "no compiler");
  CHECK(notice["escalation"]["commands"][0]["run"] == "baton retry t");
  box.require_eventually("the escalation", [&] { return box.exists("orchestrator/escalations/t.json"); });
  CHECK(notice["escalation"] == box.document("orchestrator/escalations/t.json"));
  const auto valid = box.run({"validate", box.path("../told/" + box.list("../told")[0])});
  CHECK_MESSAGE(valid.code == 0, valid.output, valid.error_output);
}

TEST_CASE("a plan that waits for approval is told, and so is whatever else comes up") {
  Sandbox box;
  box.configure(notifier(box));
  box.start();
  box.drop("t.json", {{"title", "Fix typo in README.md"}, {"approval", "required"}});
  CHECK(require_told(box, "awaiting_approval")["task_id"] == "t");
  CHECK(box.run({"pause"}).code == 0);
  CHECK_FALSE(require_told(box, "paused").contains("task_id"));
  CHECK(told(box).size() == 2);
}

TEST_CASE("the daemon is killed while the command runs: it comes again, with the same id") {
  Sandbox box;
  box.configure(notifier(box, "cp told/.$$ told/first-$$.json && { [ -e told/go ] || exec sleep 1000; } &&"));
  box.start();
  CHECK(box.run({"pause"}).code == 0);
  require_told(box, "paused");
  box.kill9();
  box.put_plainly("../told/go", "");
  box.start();
  box.require_eventually("told again", [&] { return told(box).size() >= 4; });  // go, twice as it begins, once as it ends
  std::set<std::string> ids;
  for (const json& each : told(box))
    if (each.is_object()) ids.insert(each["id"].get<std::string>());
  CHECK(ids.size() == 1);
}

TEST_CASE("a command that hangs holds up nobody") {
  Sandbox box;
  box.configure(hanging_notifier("1h"));
  box.start();
  CHECK(box.run({"pause", "--master", "security"}).code == 0);
  const pid_t command = require_hanging(box);
  box.drop("t.json", {{"title", "Fix typo in README.md"}});
  box.claim("development", "t");
  box.complete("development", "t");
  box.require_status("t", "completed");
  CHECK(is_running(command));
}

TEST_CASE("a command that is past its time limit is ended, and one that fails is told once") {
  Sandbox box;
  box.configure({{"notify", {{"command", {"/bin/sh", "-c", "echo no network >&2; exit 4"}}, {"timeout", "60s"}}}});
  box.start();
  for (const char* id : {"a", "b", "c"}) {
    box.drop(std::string(id) + ".json", {{"title", "Fix typo in README.md"}, {"approval", "required"}});
    box.require_eventually("it waits", [&] { return box.status(id) == "awaiting_approval"; });
  }
  const auto failures = [&] {
    std::vector<std::string> messages;
    for (const json& each : box.feed("attention_raised"))
      if (each["reason"] == "notify_failed") messages.push_back(each["message"]);
    return messages;
  };
  box.require_eventually("the failure", [&] { return !failures().empty(); });
  CHECK(failures() == std::vector<std::string>{"the notify command ended with exit code 4: no network"});
  box.configure(hanging_notifier("1s"));
  box.require_feed("config_reloaded");
  CHECK(box.run({"pause"}).code == 0);
  const pid_t command = require_hanging(box);
  box.require_eventually("its time limit is told", [&] {
    const json state = box.document("orchestrator/state/current.json");
    return state.is_object() && state["attention"].dump().find("the notify command did not end within 1s") != std::string::npos;
  });
  box.require_eventually("it is ended", [&] { return !is_running(command); });
  CHECK(failures().size() == 1);
  box.configure(notifier(box));
  box.require_feed("config_reloaded", 2);
  CHECK(box.run({"resume"}).code == 0);
  CHECK(box.run({"pause"}).code == 0);
  require_told(box, "paused");
  box.require_eventually("it is well again", [&] {
    const auto cleared = box.feed("attention_cleared");
    return std::ranges::any_of(cleared, [](const json& each) { return each["reason"] == "notify_failed"; });
  });
}
