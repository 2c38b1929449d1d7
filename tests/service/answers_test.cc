// Answers that are none: who waits for them is told, and so is their author.
#include <doctest/doctest.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_folder = "masters/development/handoffs/";
const std::string k_result = k_folder + "from-development-subtask-t-1.json";

void answer(Run& run, const std::string& path, const std::string& bytes) {
  run.workshop.drop(path, bytes);
  run.intake.look_again(path);
  run.take();
}

int count(const Workshop& workshop, const std::string& text) {
  const std::string feed = workshop.get("dashboard-events.jsonl");
  int n = 0;
  for (auto at = feed.find(text); at != std::string::npos; at = feed.find(text, at + 1)) ++n;
  return n;
}

std::vector<core::Attention> refusals(const Run& run) {
  auto all = run.core.attention();
  std::erase_if(all, [](const core::Attention& each) { return each.reason != "result_refused"; });
  return all;
}

}  // namespace

TEST_CASE("a refused result raises attention until one counts") {
  for (const char* bytes : {"{", R"({"status": "maybe"})", R"({"status": "completed", "epoch": 9})"}) {
    CAPTURE(bytes);
    Workshop workshop;
    Run run(workshop);
    run.task("t-1");
    answer(run, k_result, bytes);
    REQUIRE(refusals(run).size() == 1);
    CHECK(refusals(run)[0].task_id == "t-1");
    CHECK(refusals(run)[0].subtask_id == "t-1");
    CHECK(refusals(run)[0].message.find("lies in masters/development/handoffs/stale: ") != std::string::npos);
    answer(run, k_result, "[]");
    CHECK(count(workshop, "attention_raised") == 1);
    answer(run, k_result, R"({"status": "completed"})");
    CHECK(run.core.task("t-1") == nullptr);
    CHECK(refusals(run).empty());
  }
}

TEST_CASE("an answer does not wait for thousands of new tasks") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  constexpr int k_many = 300;
  for (int n = 0; n < k_many; ++n) {
    const std::string path = "task-queue.d/new-" + std::to_string(n) + ".json";
    workshop.drop(path, R"({"title": "Fix a typo in file )" + std::to_string(n) + R"("})");
    run.intake.look_again(path);
  }
  workshop.drop(k_result, R"({"status": "completed"})");
  run.intake.look_again(k_result);
  static_cast<void>(run.turn([&run](service::Turn& turn) { run.intake.take(turn); }));
  CHECK(run.core.task("t-1") == nullptr);
  int taken = 0;
  run.core.for_each_task([&taken](const core::Task&) { ++taken; });
  CHECK(taken > 0);
  CHECK(taken < k_many);
  run.take();
  taken = 0;
  run.core.for_each_task([&taken](const core::Task&) { ++taken; });
  CHECK(taken == k_many);
}

TEST_CASE("an answer to a task that is still to be read waits for it, and so does a worker of it") {
  Workshop workshop;
  Run run(workshop);
  constexpr int k_before = 200;
  const auto drop = [&](const std::string& id) {
    workshop.drop("task-queue.d/" + id + ".json",
                  R"({"id": ")" + id + R"(", "title": "Fix a typo in )" + id + R"(.md", "assigned_to": "development"})");
    run.intake.look_again("task-queue.d/" + id + ".json");
  };
  for (int n = 0; n < k_before; ++n) drop("before-" + std::to_string(n));
  drop("t-1");
  drop("t-2");
  workshop.drop("worker-specs/active/w-2.json", R"({"worker_id": "w-2", "subtask_id": "t-2", "status": "in_progress"})");
  run.intake.look_again("worker-specs/active/w-2.json");
  answer(run, k_result, R"({"status": "completed"})");
  CHECK(run.core.task("t-1") == nullptr);
  CHECK(run.world.history.ended_subtask("t-1"));
  CHECK(refusals(run).empty());
  REQUIRE(run.core.subtask("t-2") != nullptr);
  CHECK(run.core.subtask("t-2")->worker_id == "w-2");
  CHECK(count(workshop, "document_warning") == 0);
  CHECK(count(workshop, "document_rejected") == 0);
}

TEST_CASE("a refused result stays an attention over a start, until one counts") {
  Workshop workshop;
  {
    Run run(workshop);
    run.task("t-1");
    answer(run, k_result, "{");
  }
  Run run(workshop);
  REQUIRE(refusals(run).size() == 1);
  CHECK(refusals(run)[0].message.find("lies in masters/development/handoffs/stale: ") != std::string::npos);
  CHECK(count(workshop, "attention_raised") == 1);
  answer(run, k_result, R"({"status": "completed"})");
  CHECK(refusals(run).empty());
  CHECK(count(workshop, "attention_cleared") == 1);
}

TEST_CASE("an answer in the words and in the fence of a language model counts") {
  for (const char* bytes : {R"({"status": "finished"})", "```json\n{\"status\": \"done\"}\n```\n",
                            "Here it is:\n\n```\n{\"status\": \"success\"}\n```"}) {
    CAPTURE(bytes);
    Workshop workshop;
    Run run(workshop);
    run.task("t-1");
    answer(run, k_result, bytes);
    CHECK(run.core.task("t-1") == nullptr);
    CHECK(refusals(run).empty());
  }
}

TEST_CASE("a result in another master's folder raises it too; a cancel clears it; an old answer raises none") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  answer(run, "masters/security/handoffs/from-security-subtask-t-1.json", R"({"status": "completed"})");
  REQUIRE(refusals(run).size() == 1);
  CHECK(refusals(run)[0].message.find("masters/security/handoffs/stale") != std::string::npos);
  static_cast<void>(run.tell(core::CommandArrived{{}, core::Verb::release, "t-1", "", {}}));
  CHECK(refusals(run).empty());
  CHECK(count(workshop, "attention_cleared") == 1);
  answer(run, k_result, R"({"status": "completed", "epoch": 1})");
  CHECK(count(workshop, "result_stale") == 1);
  CHECK(refusals(run).empty());
}

TEST_CASE("a name that means nothing is reported once, with the name that was meant") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  for (const char* name : {"t-1-result.json", "from-development-t-1.json", "notes.md"})
    for (int times = 0; times < 3; ++times) answer(run, k_folder + name, R"({"status": "completed"})");
  for (const char* name : {"to-security-letter.json", "from-security-letter.json", "x.json.processed", ".hidden", "draft.tmp"})
    answer(run, k_folder + name, "{}");
  workshop.folder.folder(k_folder + "drafts");
  for (const char* folder : {"claimed", "done", "stale", "drafts"}) run.intake.look_again(k_folder + folder);
  run.take();
  CHECK(count(workshop, "document_rejected") == 4);
  CHECK(count(workshop, "a result is called from-development-subtask-t-1.json") == 2);
  CHECK(count(workshop, "a result is called from-development-subtask-<subtask_id>.json") == 2);
  CHECK(workshop.has(k_folder + "t-1-result.json"));
  CHECK(run.core.subtask("t-1")->status == core::SubtaskStatus::handed_off);
}

TEST_CASE("a folder under the name of a result is refused and filed") {
  Workshop workshop;
  Run run(workshop);
  run.task("t-1");
  workshop.folder.folder(k_result);
  run.intake.notice(
      {platform::Notice::What::appeared, "masters/development/handoffs", "from-development-subtask-t-1.json", true});
  run.take();
  CHECK_FALSE(workshop.has(k_result));
  CHECK(workshop.has(k_folder + "stale/from-development-subtask-t-1.json"));
  CHECK(workshop.has(k_folder + "stale/from-development-subtask-t-1.json.error.json"));
}
