// baton claim: the order of handoffs, and that two claimers never get the same one.
#include <atomic>

#include "front/claiming.h"
#include "front/views.h"
#include "front_fixture.h"
#include "platform/loop.h"

using namespace baton;
using namespace baton::front;

TEST_CASE("the most urgent first, then the oldest") {
  const Coordination coordination;
  write_handoff(coordination, "development", "b-1", "medium", "2025-11-05T18:00:00Z");
  write_handoff(coordination, "development", "a-2", "high", "2025-11-05T18:02:00Z");
  write_handoff(coordination, "development", "a-3", "high", "2025-11-05T18:01:00Z");
  coordination.write("masters/development/handoffs/.to-development-subtask-hidden.json", "{}");
  coordination.write("masters/development/handoffs/from-development-subtask-b-9.json", "{}");
  std::vector<std::string> order;
  for (;;) {
    const Ran ran = coordination.run({"claim", "--master", "development"});
    if (ran.code == 1) {
      CHECK(ran.out.empty());
      CHECK(contains(ran.err, "no handoff waits for development"));
      break;
    }
    REQUIRE(ran.code == 0);
    order.push_back(read_handoff_view(ran.out)->subtask_id);
    CHECK(contains(ran.err, "claimed masters/development/handoffs/claimed/to-development-subtask-" + order.back() + ".json"));
  }
  CHECK(order == std::vector<std::string>{"a-3", "a-2", "b-1"});
  CHECK(coordination.names("masters/development/handoffs/claimed").size() == 3);
}

TEST_CASE("handoffs whose status somebody edited are his") {
  const Coordination coordination;
  coordination.write("masters/security/handoffs/to-security-subtask-s-1.json", R"({"subtask_id":"s-1","status":"in_progress"})");
  CHECK(coordination.run({"claim", "--master", "security"}).code == 1);
}

TEST_CASE("an older handoff of that name in claimed/ is never overwritten") {
  const Coordination coordination;
  coordination.write("masters/security/handoffs/claimed/to-security-subtask-s-1.json", "older");
  write_handoff(coordination, "security", "s-1", "high", "2025-11-05T18:00:00Z", 2);
  CHECK(coordination.run({"claim", "--master", "security"}).code == 1);
  CHECK(coordination.read("masters/security/handoffs/claimed/to-security-subtask-s-1.json") == "older");
}

TEST_CASE("of many claimers exactly one wins each handoff") {
  const Coordination coordination;
  constexpr int k_handoffs = 40;
  for (int i = 0; i < k_handoffs; ++i)
    write_handoff(coordination, "development", "t-" + std::to_string(i), "medium", "2025-11-05T18:00:00Z");
  std::vector<std::vector<std::string>> won(4);
  {
    std::vector<std::jthread> claimers;
    for (auto& mine : won)
      claimers.emplace_back([&] {
        for (Ran ran = coordination.run({"claim", "--master", "development"}); ran.code == 0;
             ran = coordination.run({"claim", "--master", "development"}))
          mine.push_back(read_handoff_view(ran.out)->subtask_id);
      });
  }
  std::vector<std::string> all;
  for (const auto& mine : won) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  CHECK(all.size() == k_handoffs);
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(coordination.names("masters/development/handoffs/claimed").size() == k_handoffs);
}

TEST_CASE("--wait takes what comes") {
  const Coordination coordination;
  std::jthread daemon([&] { write_handoff(coordination, "cicd", "c-1", "low", "2025-11-05T18:00:00Z"); });
  const Ran ran = coordination.run({"claim", "--master", "cicd", "--wait", "--timeout", "60s", "--json"});
  CHECK(ran.code == 0);
  CHECK(ran.out.starts_with("{\"schema_version\":1,\"data\":{\n  \"handoff_id\": \"to-cicd-subtask-c-1\""));
}

TEST_CASE("--wait gives up") {
  const Coordination coordination;
  const Ran ran = coordination.run({"claim", "--master", "cicd", "--wait", "--timeout", "1ms"});
  CHECK(ran.code == 124);
  CHECK(contains(ran.err, "no handoff for cicd came within 1ms"));
}

TEST_CASE("nothing to claim under --json") {
  const Coordination coordination;
  const Ran ran = coordination.run({"claim", "--master", "cicd", "--json"});
  CHECK(ran.code == 1);
  CHECK(ran.out == "{\"schema_version\":1,\"data\":null}\n");
}

TEST_CASE("what is printed is true for the taker") {
  const Coordination coordination;
  coordination.write(
      "masters/development/handoffs/to-development-subtask-a-1.json",
      R"({"handoff_id":"to-development-subtask-a-1","subtask_id":"a-1","parent_orchestration":"orch-a","status":"pending",
    "epoch":3,"task":{"title":"Backend","description":"Routes and roles","files_affected":["a.js"],"success_criteria":"tests pass"},
    "request":{"title":"Add auth","description":"with JWT"},"context":{"orchestration_context":"Step 2 of 3."},
    "upstream_results":[{"subtask_id":"a-0","summary":"JWT it is","artifacts":["docs/a.md"],"files_modified":[]}],
    "result_file":"masters/development/handoffs/from-development-subtask-a-1.json",
    "how_to_answer":"Take it: move this file into claimed/ beside it."})");
  const Ran ran = coordination.run({"claim", "--master", " Development"});
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.err, "no daemon is running"));
  CHECK(contains(ran.out, "\"claimed\": true"));
  CHECK(contains(ran.out, "\"status\": \"claimed\""));
  CHECK(contains(ran.out,
                 "\"result_file\": \"" + coordination.at("masters/development/handoffs/from-development-subtask-a-1.json")));
  CHECK(contains(ran.out, "baton complete a-1"));
  CHECK(!contains(ran.out, "Take it"));
  CHECK(contains(coordination.read("masters/development/handoffs/claimed/to-development-subtask-a-1.json"), "Take it"));
}

TEST_CASE("--prompt is the work and nothing but the work") {
  const Coordination coordination;
  const std::string handoff = R"({"subtask_id":"a-1","parent_orchestration":"orch-a","status":"pending",
    "epoch":3,"task":{"title":"Backend","description":"Routes and roles","files_affected":["a.js"],"success_criteria":"tests pass"},
    "request":{"title":"Add auth","description":"with JWT"},"context":{"orchestration_context":"Step 2 of 3."},
    "upstream_results":[{"subtask_id":"a-0","summary":"JWT it is","artifacts":["docs/a.md"],"files_modified":[]}],
    "result_file":"masters/x","how_to_answer":"Take it"})";
  coordination.write("masters/cicd/handoffs/to-cicd-subtask-a-1.json", handoff);
  const Ran ran = coordination.run({"claim", "--master", "cicd", "--prompt", "-"});
  CHECK(ran.code == 0);
  CHECK(
      ran.out ==
      "# Backend\n\nRoutes and roles\n\n## What it is for\n\nThis is a part of a larger task: Add auth\n\nwith JWT\n\nStep 2 of 3. "
      "Others do the other steps: do this one only.\n\n## Files\n\n- a.js\n\n## Done when\n\ntests pass\n\n"
      "## What others have done before\n\n### a-0\n\nJWT it is\n\nMade:\n- docs/a.md\n");

  coordination.remove("masters/cicd/handoffs/claimed/to-cicd-subtask-a-1.json");
  coordination.write("masters/cicd/handoffs/to-cicd-subtask-a-1.json", handoff);
  const Ran into = coordination.run({"claim", "--master", "cicd", "--prompt", coordination.at("prompt.txt")});
  CHECK(into.out == "a-1\n");
  CHECK(coordination.read("prompt.txt") == ran.out);
}

TEST_CASE("masters that do not exist") {
  const Coordination coordination;
  const Ran ran = coordination.run({"claim", "--master", "securty"});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "no master \"securty\" (did you mean \"security\"?)"));
  CHECK(contains(ran.err, "masters here: cicd, development, inventory, security"));
  CHECK(coordination.run({"claim"}).code == 2);
}

TEST_CASE("--worker writes a spec that names the subtask and its epoch") {
  const Coordination coordination;
  write_handoff(coordination, "security", "s-1", "high", "2025-11-05T18:00:00Z", 3);
  write_handoff(coordination, "security", "s-2", "high", "2025-11-05T18:00:00Z");
  REQUIRE(coordination.run({"claim", "--master", "security", "--worker", "sec-1"}).code == 0);
  const std::string spec = coordination.read("worker-specs/active/sec-1.json");
  CHECK(contains(spec, "\"subtask_id\": \"s-1\""));
  CHECK(contains(spec, "\"epoch\": 3"));
  const Ran again = coordination.run({"claim", "--master", "security", "--worker", "sec-1"});
  CHECK(again.code == 5);
  CHECK(contains(again.err, "worker sec-1 is at work already"));
  CHECK(coordination.exists("masters/security/handoffs/to-security-subtask-s-2.json"));
  CHECK(coordination.run({"claim", "--master", "security", "--worker", "../x"}).code == 2);
}

TEST_CASE("--pid names the process of a worker, when one is given") {
  const Coordination coordination;
  const auto claim = [&](const std::string& subtask, std::vector<std::string> more) {
    write_handoff(coordination, "security", subtask, "high", "2025-11-05T18:00:00Z");
    std::vector<std::string> words{"claim", "--master", "security"};
    words.insert(words.end(), more.begin(), more.end());
    return coordination.run(words);
  };
  const std::string pid = std::to_string(::getpid());
  REQUIRE(claim("s-1", {"--worker", "w-1", "--pid", pid}).code == 0);
  CHECK(contains(coordination.read("worker-specs/active/w-1.json"), "\"pid\": " + pid));
  REQUIRE(claim("s-2", {"--worker", "w-2"}).code == 0);
  REQUIRE(claim("s-3", {"--worker", "w-3", "--pid", "0"}).code == 0);
  for (const char* unnamed : {"w-2", "w-3"})
    CHECK(!contains(coordination.read("worker-specs/active/" + std::string(unnamed) + ".json"), "pid"));
  CHECK(claim("s-4", {"--pid", pid}).code == 2);
  CHECK(claim("s-4", {"--worker", "w-4", "--pid", "-1"}).code == 2);
  const Ran nobody = claim("s-4", {"--worker", "w-4", "--pid", "4194304"});  // more than the kernel gives
  CHECK(nobody.code == 3);
  CHECK(contains(nobody.err, "there is no process 4194304"));
  CHECK(coordination.exists("masters/security/handoffs/to-security-subtask-s-4.json"));
}

TEST_CASE("a list of handoffs: what came, went or was marked since it was made is met as it is") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  const std::string handoffs = "masters/development/handoffs/";
  HandoffList list(folder, "development");
  const auto claim = [&list] {
    const auto claimed = list.claim();
    REQUIRE(claimed);
    return *claimed ? (*claimed)->handoff.subtask_id : "nobody";
  };
  CHECK(claim() == "nobody");
  write_handoff(coordination, "development", "a", "medium", "2025-11-05T18:00:00Z");
  write_handoff(coordination, "development", "b", "medium", "2025-11-05T18:01:00Z");
  write_handoff(coordination, "development", "c", "medium", "2025-11-05T18:02:00Z");
  CHECK(claim() == "a");
  // All that it knows of goes, and another one comes, without a look: it is found all the same.
  coordination.remove(handoffs + "to-development-subtask-b.json");
  coordination.write(handoffs + "to-development-subtask-c.json", R"({"subtask_id":"c","status":"in_progress"})");
  write_handoff(coordination, "development", "d", "medium", "2025-11-05T18:03:00Z");
  CHECK(claim() == "d");
  CHECK(coordination.exists(handoffs + "to-development-subtask-c.json"));
  CHECK(claim() == "nobody");
  // Handed out again under the same name it is another one.
  coordination.remove(handoffs + "claimed/to-development-subtask-a.json");
  write_handoff(coordination, "development", "a", "medium", "2025-11-05T18:04:00Z", 2);
  write_handoff(coordination, "development", "e", "critical", "2025-11-05T18:05:00Z");
  CHECK(claim() == "e");
  CHECK(claim() == "a");
  // What is more urgent comes first as soon as it is looked for.
  write_handoff(coordination, "development", "f", "low", "2025-11-05T18:06:00Z");
  write_handoff(coordination, "development", "g", "low", "2025-11-05T18:07:00Z");
  CHECK(claim() == "f");
  write_handoff(coordination, "development", "h", "critical", "2025-11-05T18:08:00Z");
  const std::int64_t old = platform::now().mono_ms + HandoffList::k_fresh_ms;  // by then it may be listed again
  while (platform::now().mono_ms <= old) std::this_thread::yield();
  list.look();
  CHECK(claim() == "h");
  CHECK(claim() == "g");
}

TEST_CASE("a list of one task's handoffs leaves the others alone") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  write_handoff(coordination, "development", "a", "medium", "2025-11-05T18:00:00Z");
  CHECK_FALSE(HandoffList(folder, "development", "other").claim()->has_value());
  CHECK(HandoffList(folder, "development", "auth").claim()->has_value());
}
