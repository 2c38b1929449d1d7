// What an agent is told, and what its end means.
#include <doctest/doctest.h>

#include "front/work/answer.h"
#include "front/work/prompt.h"
#include "protocol/read_agent.h"

using namespace baton;
using namespace baton::front;

namespace {

AgentEnd ended(int code, const std::string& words = "") {
  AgentEnd end;
  end.exit.code = code;
  end.news.answer = words;
  end.in_worktree = true;
  return end;
}

}  // namespace

TEST_CASE("places are filled in, within words too, and only once") {
  const PromptPlaces places{"/w/{handoff}", "/p.md", "/r.json", "/h.json"};
  CHECK(agent_command({"run", "--file={prompt_file}", "{result_file}{handoff}", "{worktree}", "{other}", "{"}, places) ==
        std::vector<std::string>{"run", "--file=/p.md", "/r.json/h.json", "/w/{handoff}", "{other}", "{"});
  CHECK(agent_prompt("{work}\nIn {worktree}.", "Use {result_file} as it is", places, {}) ==
        "Use {result_file} as it is\nIn /w/{handoff}.");
  CHECK(agent_prompt("{work}", "Do it", places, {"a.cc"}).find("- a.cc\n") != std::string::npos);
}

TEST_CASE("an exit code of 0 counts when something was done") {
  AgentEnd end = ended(0, "I did it");
  end.worker_type = "implementation";
  CHECK(!judge(end).completed);
  CHECK(judge(end).error.find("changed nothing; its last words: I did it") != std::string::npos);
  end.changed = {"a.cc"};
  CHECK(judge(end).completed);
  CHECK(judge(end).outcome.files_modified == std::vector<std::string>{"a.cc"});
  end.changed.clear();
  end.worker_type = "audit";  // who only looks has to say something
  CHECK(judge(end).completed);
  end.news.answer.clear();
  CHECK(!judge(end).completed);
  end.had_conflicts = true;  // whether they are solved is looked at elsewhere
  CHECK(judge(end).completed);
  end.had_conflicts = false;
  end.in_worktree = false;  // where nobody can know what changed
  CHECK(judge(end).completed);
}

TEST_CASE("failures: by exit code, by signal, by its own word, by a program that is not there, by its provider") {
  CHECK(judge(ended(3, "no disk")).error == "the agent ended with exit code 3: no disk");
  CHECK(judge(ended(3)).failure_class == core::FailureClass::transient);
  CHECK(judge(ended(127)).failure_class == core::FailureClass::permanent);
  AgentEnd killed = ended(137);
  killed.exit.signalled = true;
  CHECK(judge(killed).error == "the agent was ended by SIGKILL");
  AgentEnd said = ended(0, "cannot");
  said.news.failed = true;
  said.changed = {"a.cc"};
  CHECK(!judge(said).completed);
  AgentEnd limited = ended(1, "usage limit reached");
  limited.news.rate_limited = true;
  limited.news.resets_at = 1'752'339'600;
  CHECK(judge(limited).failure_class == core::FailureClass::rate_limited);
  CHECK(document_of({"development", "t", "t", 1, 1}, judge(limited)).document().find("2025-07-12T17:00:00Z") !=
        std::string::npos);
  limited.exit.code = 0;  // it went on and came to its end
  limited.changed = {"a.cc"};
  CHECK(judge(limited).completed);
}

TEST_CASE("a result file decides; where the work lies it cannot say") {
  AgentEnd end = ended(0);
  end.changed = {"a.cc"};
  end.result_file = R"({"status":"completed","result":{"summary":"Made it","files_modified":["b.cc"],"worktree":"elsewhere"}})";
  const AgentAnswer answer = judge(end);
  CHECK(answer.completed);
  CHECK(answer.outcome.summary == "Made it");
  CHECK(answer.outcome.files_modified == std::vector<std::string>{"b.cc", "a.cc"});
  CHECK(answer.outcome.worktree.empty());
  end.result_file = R"({"status":"failed","error":"too hard","failure_class":"permanent"})";
  CHECK(judge(end).error == "too hard");
  CHECK(judge(end).failure_class == core::FailureClass::permanent);
  end.result_file = "{";
  CHECK(!judge(end).completed);
  CHECK(judge(end).error.find("result file cannot be read") != std::string::npos);
}

TEST_CASE("what master.json says about agents") {
  const auto own = protocol::read_agent(
      R"({"agent":["a","b c"],"env":{"X":"1"},"worktree":false,"setup":[["npm","ci"]],"memory_limit":"2GiB"})");
  REQUIRE(own);
  CHECK(own->argv == std::vector<std::string>{"a", "b c"});
  CHECK(own->environment == std::vector<std::string>{"X=1"});
  CHECK(!own->worktree);
  CHECK(own->memory_limit == 2LL << 30);
  CHECK(own->setup == std::vector<std::vector<std::string>>{{"npm", "ci"}});
  CHECK(protocol::read_agent(R"({"agent":"claude"})")->argv.front() == "claude");
  CHECK(protocol::read_agent("{}")->argv.empty());
  const auto wrong = protocol::read_agent(R"({"agent":"cladue"})");
  REQUIRE(!wrong);
  CHECK(wrong.error().message.find("claude") != std::string::npos);
  CHECK(wrong.error().place.pointer == "/agent");
  CHECK(!protocol::read_agent(R"({"agent":[]})"));
  CHECK(protocol::read_agent("{}")->memory_limit == 0);
  CHECK(protocol::read_agent(R"({"memory_limit":0})")->memory_limit == 0);
  for (const char* bad : {R"("2 elephants")", "512", "-1", R"("")", "1.5"}) {
    const auto refused = protocol::read_agent(R"({"memory_limit":)" + std::string(bad) + "}");
    CHECK(!refused);
    CHECK(refused.error().place.pointer == "/memory_limit");
  }
  CHECK(!protocol::read_agent(R"({"env":{"A=B":"1"}})"));
}
