// Secrets of known shapes do not get into what is passed on; other text gets through untouched.
#include "protocol/redact.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "protocol/json_write.h"
#include "protocol/sample_task.h"
#include "protocol/writers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

// Put together here, so that no scanner takes this file for a leak.
const std::string k_aws = std::string("AK") + "IA" + "IOSFODNN7EXAMPLE";
const std::string k_github = std::string("gh") + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a";
const std::string k_model = std::string("sk") + "-ant-api03-" + "Qx81mZ7tLw93Rk2pVb64Hd05" + "-AbCd";
const std::string k_web = std::string("ey") + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
const std::string k_block =
    std::string("-----BEGIN ") + "RSA PRIVATE KEY-----\nMIIEow\nIBAAK=\n-----END " + "RSA PRIVATE KEY-----";

}  // namespace

TEST_CASE("secrets of known shapes are taken out, what stands around them stays") {
  const struct {
    std::string text, shown;
  } rows[] = {
      {"key " + k_aws + ".", "key [redacted]."},
      {"git clone https://" + k_github + "@host/x", "git clone https://[redacted]@host/x"},
      {"'" + k_model + "'", "'[redacted]'"},
      {"a\n" + k_web + "\nb", "a\n[redacted]\nb"},
      {"before\n" + k_block + "\nafter", "before\n[redacted]\nafter"},
      {k_block.substr(0, 50), "[redacted]"},
      {"glpat-" + std::string("Ab3dEf7hIj1kLm5nOp9q"), "[redacted]"},
      {"xox" + std::string("b-1234567890-AbCdEfGh12345678"), "[redacted]"},
      {"postgres://app:s3cret@db:5432/x", "postgres://app:[redacted]@db:5432/x"},
      {"redis://:pa@ss@cache/0", "redis://:[redacted]@cache/0"},
      {"DB_PASSWORD=hunter2 next", "DB_PASSWORD=[redacted] next"},
      {"--password='two words' x", "--password='[redacted]' x"},
      {"https://h/?access_token=abc123&x=1", "https://h/?access_token=[redacted]&x=1"},
      {R"({"client_secret": "abc", "n": 1})", R"({"client_secret": "[redacted]", "n": 1})"},
      {"Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]"},
      {"-H 'authorization: Bearer abc'", "-H 'authorization: Bearer [redacted]'"},
      {"Bearer 0123456789abcdef0123", "Bearer [redacted]"},
      {"password=a token=b", "password=[redacted] token=[redacted]"},
  };
  for (const auto& row : rows) {
    CHECK(redacted(row.text) == row.shown);
    CHECK(redacted(row.shown) == row.shown);
  }
}

TEST_CASE("text without secrets stays as it is") {
  for (const std::string text : {"",
                                 "Add password reset; the token is checked first.",
                                 "password: at least 8 characters",
                                 "task-sk-123 and risk-based",
                                 "sk-learn-based-classification-of-documents-2",
                                 "--token=$TOKEN",
                                 "password=${PASSWORD}",
                                 "password == other",
                                 "secret=[redacted]",
                                 "max_tokens=5000",
                                 "tokens_used = 12",
                                 "PWD=/home/mia/project",
                                 "ssh://git@host:22/x",
                                 "http://localhost:8080/a@b",
                                 "the bearer of bad news",
                                 "Authorization: the user must log in first",
                                 "eyJust.an.example",
                                 "AKIA is how they begin",
                                 "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
                                 "a=b:c://d",
                                 "://",
                                 "é — \xF0\x9F\x98\x80"})
    CHECK(redacted(text) == text);
}

TEST_CASE("names that hold secrets") {
  for (const char* name : {"password", "DB_PASSWORD", "api_key", "apiKey", "access-key", "GITHUB_TOKEN", "secret"})
    CHECK(is_secret_name(name));
  for (const char* name : {"", "key", "tokens_used", "max_tokens", "PWD", "secretary", "monkey"}) CHECK(!is_secret_name(name));
}

TEST_CASE("a long text without secrets costs one pass") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "token and password: word-" + std::to_string(i) + " = a::b, ";
  CHECK(redacted(text) == text);
  const std::string colons(1 << 20, ':');
  CHECK(redacted(colons) == colons);
  std::string slashes;
  for (int i = 0; i < 100'000; ++i) slashes += "://";
  CHECK(redacted(slashes) == slashes);
  std::string references;
  for (int i = 0; i < 100'000; ++i) references += "password=$";
  CHECK(redacted(references) == references);
}

TEST_CASE("what is carried into a report loses its secrets, also by the name of its member") {
  JsonWriter out(JsonWriter::without_secrets());
  out.begin_object();
  out.carried_if("data",
                 R"({"password": "x", "list": [")" + k_aws + R"("], "secrets": {"token": ["a", "b"], "n": 1.50}, "s": "t"})");
  out.member("note", "see " + k_github);
  out.member("files", std::vector<std::string>{"a.c", k_model});
  out.end_object();
  CHECK(
      nlohmann::json::parse(out.take()) ==
      nlohmann::json::parse(
          R"({"data": {"password": "[redacted]", "list": ["[redacted]"], "secrets": {"token": ["[redacted]", "[redacted]"], "n": 1.5},
                "s": "t"}, "note": "see [redacted]", "files": ["a.c", "[redacted]"]})"));
}

TEST_CASE("feed, reports and escalations show no secrets; handoffs carry the user's text") {
  core::Task task = sample::completed_task();
  task.spec.description = "Deploy with " + k_aws + ".";
  task.subtasks[0].outcome.summary = "Used " + k_github + ".";
  task.subtasks[0].outcome.data = R"({"api_key": "abc"})";
  task.subtasks[1].error = "HTTP 401 for Bearer 0123456789abcdef0123";
  task.subtasks[2].outcome.artifacts = {k_model};
  task.status = core::PlanStatus::blocked;
  task.blocking_subtask = task.subtasks[1].spec.id;
  task.failure_reason = task.subtasks[1].error;
  const std::string shown =
      write_report(task) + write_report_markdown(task) + write_escalation(task) +
      write_event(
          {"subtask_failed", "t", "", "", {{"error", "password=hunter2 " + k_web}, {"list", std::vector<std::string>{k_aws}}}}, 1,
          sample::k_created);
  for (const std::string& secret : {k_aws, k_github, k_model, k_web, std::string("0123456789abcdef"), std::string("hunter2")})
    CHECK(shown.find(secret) == std::string::npos);
  CHECK(nlohmann::json::parse(write_report(task))["subtasks"][0]["data"]["api_key"] == "[redacted]");
  CHECK(write_handoff(task, task.subtasks[2], sample::k_created).find(k_aws) != std::string::npos);
}
