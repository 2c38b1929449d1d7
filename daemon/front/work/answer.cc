#include "front/work/answer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "protocol/readers.h"

namespace baton::front {
namespace {

enum : int { k_not_startable = 126, k_missing = 127 };  // as exec-job and every shell has them
constexpr std::size_t k_longest_error = 2'000;
constexpr std::size_t k_most_files = 2'000;  // in a result; the branch has all of them

Data number(double value) {
  auto parsed = Data::parse(std::to_string(value));
  return parsed ? std::move(*parsed) : Data::null();
}

AgentAnswer failed(const std::string& error, core::FailureClass failure_class = core::FailureClass::transient) {
  AgentAnswer answer;
  answer.error = text::ellipsis(error, k_longest_error);
  answer.failure_class = failure_class;
  return answer;
}

std::string how_it_ended(const platform::Exit& exit) {
  if (!exit.signalled) return "the agent ended with exit code " + std::to_string(exit.code);
  const char* name = ::sigabbrev_np(exit.code - 128);
  return "the agent was ended by " + (name == nullptr ? "signal " + std::to_string(exit.code - 128) : "SIG" + std::string(name));
}

bool builds(const std::string& worker_type) {
  constexpr std::array<std::string_view, 4> k_builders{"implementation", "test", "documentation", "fix-executor"};
  return std::ranges::find(k_builders, worker_type) != k_builders.end();
}

AgentAnswer by_file(const std::string& bytes) {
  const auto result = protocol::read_result(bytes);
  if (!result) return failed("its result file cannot be read: " + result.error().message);
  AgentAnswer answer;
  answer.completed = result->completed;
  answer.outcome = result->outcome;
  answer.outcome.worktree.clear();  // where the work lies is not the agent's to say
  answer.error = result->error;
  answer.failure_class = result->failure_class;
  return answer;
}

AgentAnswer by_exit(const AgentEnd& end) {
  const bool went_wrong = end.exit.code != 0 || end.exit.signalled || end.news.failed;
  if (went_wrong && end.news.rate_limited) {
    AgentAnswer answer =
        failed(end.news.answer.empty() ? "its provider takes nothing now" : end.news.answer, core::FailureClass::rate_limited);
    answer.retry_at_s = end.news.resets_at;
    return answer;
  }
  if (went_wrong) {
    const bool is_startable = end.exit.code != k_missing && end.exit.code != k_not_startable;
    return failed(how_it_ended(end.exit) + (end.news.answer.empty() ? "" : ": " + end.news.answer),
                  is_startable ? core::FailureClass::transient : core::FailureClass::permanent);
  }
  if (end.in_worktree && !end.had_conflicts && end.changed.empty() && (builds(end.worker_type) || end.news.answer.empty()))
    return failed("the agent ended with exit code 0 and changed nothing" +
                  (end.news.answer.empty() ? "" : "; its last words: " + end.news.answer));
  AgentAnswer answer;
  answer.completed = true;
  answer.outcome.summary = end.news.answer;
  return answer;
}

}  // namespace

AgentAnswer judge(const AgentEnd& end) {
  AgentAnswer answer = !end.ended_for.empty() ? failed(end.ended_for)
                       : end.result_file      ? by_file(*end.result_file)
                                              : by_exit(end);
  std::vector<std::string>& files = answer.outcome.files_modified;
  const std::set<std::string> told(files.begin(), files.end());
  for (const std::string& file : end.changed)
    if (files.size() < k_most_files && !told.contains(file)) files.push_back(text::escape_non_utf8(file));
  if (answer.outcome.tokens_used == 0) answer.outcome.tokens_used = end.news.tokens;
  answer.cost_usd = end.news.cost_usd;
  return answer;
}

Data document_of(const Assignment& assignment, const AgentAnswer& answer) {
  Data document = result_of(assignment, answer.completed ? "completed" : "failed");
  Data body;
  body.set("summary", answer.outcome.summary).set("artifacts", answer.outcome.artifacts);
  body.set("files_modified", answer.outcome.files_modified).set("tokens_used", answer.outcome.tokens_used);
  body.set_if("worktree", answer.outcome.worktree);
  if (answer.cost_usd > 0) body.set("cost_usd", number(answer.cost_usd));
  document.set("result", std::move(body));
  if (answer.completed) return document;
  document.set("error", answer.error.empty() ? "the agent says that it failed" : answer.error);
  document.set("failure_class", core::name(answer.failure_class));
  if (answer.retry_at_s > 0) document.set("retry_after", format_utc(answer.retry_at_s * 1'000));
  return document;
}

}  // namespace baton::front
