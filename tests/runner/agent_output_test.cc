#include "runner/agent_output.h"

#include <doctest/doctest.h>

using namespace baton::runner;

TEST_CASE("plain text: the last line is what it says") {
  AgentOutput output;
  output.add("working\nstill wor");
  output.add("king\n\n  \nall done");
  CHECK(output.news().answer == "still working");
  output.finish();
  CHECK(output.news().answer == "all done");
  CHECK(output.news().tokens == 0);
}

TEST_CASE("stream-json: steps, tokens, cost, answer") {
  AgentOutput output;
  output.add(R"({"type":"system","subtype":"init","model":"m"})"
             "\n");
  output.add(
      R"({"type":"assistant","message":{"content":[{"type":"text","text":"I look."},{"type":"tool_use","name":"Edit","input":{"file_path":"src/a.cc"}}]}})"
      "\n");
  CHECK(output.news().step == "Edit src/a.cc");
  CHECK(output.news().answer == "I look.");
  output.add("warning: something on standard error\n");
  CHECK(output.news().answer == "I look.");
  output.add(
      R"({"type":"result","subtype":"success","is_error":false,"result":"Fixed it.","total_cost_usd":0.25,"usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":100}})"
      "\n");
  CHECK(output.news().answer == "Fixed it.");
  CHECK(output.news().tokens == 115);
  CHECK(output.news().cost_usd == doctest::Approx(0.25));
  CHECK(!output.news().failed);
}

TEST_CASE("stream-json: what its messages took is added up, until the end says the whole") {
  AgentOutput output;
  const auto message = [&output](const std::string& id, const std::string& usage) {
    output.add(R"({"type":"assistant","message":{"id":")" + id + R"(","content":[],"usage":)" + usage + "}}\n");
  };
  message("m1", R"({"input_tokens":100,"output_tokens":20})");
  message("m1", R"({"input_tokens":100,"output_tokens":20})");  // its second part
  CHECK(output.news().tokens == 120);
  message("m2", R"({"input_tokens":200,"cache_read_input_tokens":30})");
  CHECK(output.news().tokens == 350);
  message("m3", R"({"input_tokens":9223372036854775807,"output_tokens":-5})");
  CHECK(output.news().tokens == 1'000'000'000'000'000);
  output.add(R"({"type":"result","result":"Done.","total_cost_usd":-1,"usage":{"input_tokens":300}})"
             "\n");
  CHECK(output.news().tokens == 300);
  CHECK(output.news().cost_usd == 0);
}

TEST_CASE("lines of items: commands, messages, usage of a turn") {
  AgentOutput output;
  output.add(R"({"type":"item.started","item":{"type":"command_execution","command":"make test"}})"
             "\n");
  CHECK(output.news().step == "make test");
  output.add(R"({"type":"item.completed","item":{"type":"agent_message","text":"Done."}})"
             "\n");
  output.add(R"({"type":"turn.completed","usage":{"input_tokens":7,"output_tokens":3}})"
             "\n");
  CHECK(output.news().answer == "Done.");
  CHECK(output.news().tokens == 10);
}

TEST_CASE("messages in pieces, and warnings that are no end") {
  AgentOutput output;
  output.add(R"({"type":"message","role":"assistant","content":"I fixed ","delta":true})"
             "\n");
  output.add(R"({"type":"message","role":"assistant","content":"it.","delta":true})"
             "\n");
  output.add(R"({"type":"error","severity":"warning","message":"Rate limit hit, trying again"})"
             "\n");
  output.add(R"({"type":"tool_use","tool_name":"write_file","parameters":{"file_path":"a.txt"}})"
             "\n");
  output.add(R"({"type":"result","status":"success","stats":{"total_tokens":42}})"
             "\n");
  CHECK(output.news().answer == "I fixed it.");
  CHECK(output.news().step == "write_file a.txt");
  CHECK(output.news().tokens == 42);
  CHECK(!output.news().failed);
}

TEST_CASE("a rate limit is told from a failure, with the time of its end") {
  AgentOutput limited;
  limited.add(R"({"type":"result","is_error":true,"result":"AI usage limit reached|1752339600"})"
              "\n");
  CHECK(limited.news().failed);
  CHECK(limited.news().rate_limited);
  CHECK(limited.news().resets_at == 1'752'339'600);
  AgentOutput failed;
  failed.add(R"({"type":"result","is_error":true,"result":"no such file"})"
             "\n");
  CHECK(failed.news().failed);
  CHECK(!failed.news().rate_limited);
  AgentOutput turn;
  turn.add(R"({"type":"turn.failed","error":{"message":"Rate limit reached for requests"}})"
           "\n");
  CHECK(turn.news().rate_limited);
  CHECK(turn.news().resets_at == 0);
  AgentOutput talk;
  talk.add(R"({"type":"result","is_error":false,"result":"I added a rate limit to the API"})"
           "\n");
  CHECK(!talk.news().rate_limited);
}

TEST_CASE("a line without end and bytes of any kind cost no more than a line") {
  AgentOutput output;
  const std::string much(1 << 16, 'x');
  for (int i = 0; i < 1'000; ++i) output.add(much);
  output.add("\nshort\n");
  CHECK(output.news().answer == "short");
  output.add("\xff\xfe{\"\n");
  CHECK(output.news().answer.size() < 100);
}
