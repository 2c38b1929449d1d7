// What somebody estimates for a plan as a whole (Step 4's names and Step 5's) serves the subtasks that say nothing of themselves.
#include <doctest/doctest.h>

#include <string>

#include "protocol/read_estimate.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

std::vector<core::SubtaskSpec> answer(const std::string& members) {
  auto steps =
      read_planner_answer("{" + members + R"("subtasks": [{"title": "A", "estimated_duration_minutes": 30}, "B", "C"]})");
  REQUIRE_MESSAGE(steps.has_value(), steps.error().message);
  return *steps;
}

core::TaskSpec task(const std::string& members) {
  auto tasks = read_dropped_json(R"({"title": "x", )" + members + "}");
  REQUIRE_MESSAGE(tasks.has_value(), tasks.error().message);
  return tasks->front().spec;
}

}  // namespace

TEST_CASE("minutes in words") {
  const struct {
    const char* words;
    std::int64_t minutes;
  } rows[] = {{"90-120 minutes", 120}, {"90–120 min", 120},    {"45", 45},      {"2 hours", 120},  {"1-2 hours", 120},
              {"1h30m", 90},           {"1 hour 30 mins", 90}, {"~20 min", 20}, {"1.5 hours", 90}, {"0.5 min", 1},
              {"2 days", 2880},        {"10 min - 1 h", 60},   {" 5 ", 5}};
  for (const auto& row : rows) {
    CAPTURE(row.words);
    CHECK(read_minutes(row.words) == row.minutes);
  }
  for (const char* words :
       {"", "soon", "ten minutes", "0", "minutes", "5 apples", "1 2", "90-", "1.", "99999999999999999999", "-"})
    CHECK_MESSAGE(!read_minutes(words), words);
}

TEST_CASE("the rest of the whole is shared by those without an estimate") {
  const auto plain = answer(R"("total_estimated_duration": "60-90 minutes", "total_estimated_tokens": 30000,)");
  CHECK(plain[0].estimated_minutes == 30);
  CHECK(plain[1].estimated_minutes == 30);
  CHECK(plain[2].estimated_minutes == 30);
  CHECK(plain[0].estimated_tokens == 10'000);
  const auto inside = answer(R"("resource_estimate": {"duration_estimate": "1 h", "token_estimate": "75,000"},)");
  CHECK(inside[2].estimated_minutes == 15);
  CHECK(inside[2].estimated_tokens == 25'000);
  const auto used_up = answer(R"("total_estimated_duration": 30,)");
  CHECK(used_up[1].estimated_minutes == 0);
  const auto huge = answer(R"("total_estimated_duration": 999999999999, "total_estimated_tokens": 999999999999,)");
  CHECK(huge[1].estimated_minutes == 100'000);
  CHECK(huge[1].estimated_tokens == 1'000'000'000);
}

TEST_CASE("one master involved does what nobody is named for") {
  CHECK(answer(R"("masters_involved": ["Security"], "workers_to_spawn": 8,)")[1].assigned_to == "security");
  CHECK(answer(R"("masters_involved": "security",)")[1].assigned_to == "security");
  CHECK(answer(R"("masters_involved": ["security", "development"],)")[1].assigned_to.empty());
  CHECK(answer(R"("masters_involved": ["no master!"],)")[1].assigned_to.empty());
}

TEST_CASE("an estimate that cannot be understood refuses nothing") {
  CHECK(
      answer(
          R"("total_estimated_duration": {"a": 1}, "total_estimated_tokens": "many", "masters_involved": 7, "workers_to_spawn": {},)")
          .size() == 3);
  auto tasks = read_dropped_json(R"({"title": "x", "total_estimated_tokens": "many", "subtasks": ["A"]})");
  REQUIRE(tasks.has_value());
  REQUIRE(tasks->front().warnings.size() == 1);
  CHECK(tasks->front().warnings.front() == "total_estimated_tokens was ignored: \"many\"");
}

TEST_CASE("an explicit decomposition and a task say it with the same names") {
  CHECK(task(R"("total_estimated_duration": "40 minutes", "subtasks": ["A", "B"])").subtasks[1].estimated_minutes == 20);
  CHECK(task(R"("total_estimated_duration": "40 minutes")").estimated_minutes == 40);
  CHECK(task(R"("resource_estimate": {"total_estimated_tokens": 5})").estimated_tokens == 5);
  CHECK(task(R"("metadata": {"estimated_minutes": "45"}, "context": {"estimated_tokens": 9})").estimated_minutes == 45);
  CHECK(task(R"("context": {"estimated_tokens": 9})").estimated_tokens == 9);
  CHECK(task(R"("context": ["estimated_tokens"])").estimated_tokens == 0);
}
