#include "service/planner_jobs.h"

#include <utility>

#include "base/time.h"
#include "protocol/readers.h"

namespace baton::service {

namespace {

constexpr std::size_t k_answer_bytes = 1 << 20;
constexpr std::size_t k_last_words = 300;

/// What it said at last, if it said anything.
std::string with_words(const std::string& what, const platform::Exit& exit) {
  const std::string words = exit.error_output.substr(0, k_last_words);
  return words.empty() ? what : what + ": " + words;
}

/// Why this is no answer, if it is none.
Result<> answered(const JobEnd& end, std::int64_t timeout_ms) {
  if (end.how == JobEnd::How::not_started) return tl::make_unexpected(end.error);
  if (end.how == JobEnd::How::timed_out)
    return fail(ErrorCode::timed_out, "the planner command did not answer within " + format_duration(timeout_ms));
  if (end.exit.code != 0)
    return fail(ErrorCode::refused,
                with_words("the planner command ended with exit code " + std::to_string(end.exit.code), end.exit));
  if (end.exit.left_out > 0) return fail(ErrorCode::invalid, "the planner command printed more than 1 MiB");
  return {};
}

}  // namespace

PlannerJobs::PlannerJobs(World& world)
    : world_(world),
      plans_(world),
      splits_(world),
      pool_(world, "planner", k_max_planners, [this](const std::string& key) { return order(key); }) {}

void PlannerJobs::remember(const core::ProposeSplit& asked, Turn& turn) {
  if (!world_.config.planner_command.empty()) pool_.remember(Splits::key_of(asked), turn);
}

void PlannerJobs::ask(const core::ProposeSplit& asked) {
  if (world_.config.planner_command.empty()) return splits_.halve(asked);
  const std::string key = Splits::key_of(asked);
  split_keys_.insert(key);
  ask(key);
}

void PlannerJobs::ask(const std::string& key) {
  repairs_.erase(key);
  pool_.ask(key);
}

void PlannerJobs::stop(const std::string& key) {
  repairs_.erase(key);
  split_keys_.erase(key);
  pool_.stop(key);
}

Result<std::optional<JobOrder>> PlannerJobs::order(const std::string& key) {
  const auto repair = repairs_.find(key);
  const PlannerRound& round = repair == repairs_.end() ? PlannerRound() : repair->second;
  auto request = Splits::is_key(key) ? splits_.request(key, round) : plans_.request(key, round);
  if (!request) {
    repairs_.erase(key);
    split_keys_.erase(key);
    return std::nullopt;
  }
  if (world_.config.planner_command.empty()) return fail(ErrorCode::refused, "no planner command is configured any more");
  JobOrder order;
  order.argv = world_.config.planner_command;
  order.cwd = world_.workspace;
  order.input = std::move(*request);
  order.timeout_ms = world_.config.planner_timeout_ms;
  order.head = k_answer_bytes;
  return order;
}

void PlannerJobs::finish(const std::string& key) {
  repairs_.erase(key);
  split_keys_.erase(key);
  pool_.forget(key);
}

void PlannerJobs::give_up(const std::string& key, Error error, Turn& turn) {
  finish(key);
  Splits::is_key(key) ? splits_.give_up(key, error, turn) : plans_.give_up(key, std::move(error), turn);
}

void PlannerJobs::printed(const std::string& key, const std::string& output, Turn& turn) {
  auto read = Splits::is_key(key) ? splits_.read(key, output, turn) : plans_.read(key, output, turn);
  if (read) return finish(key);
  if (repairs_.contains(key)) return give_up(key, std::move(read).error(), turn);
  repairs_[key] = {output, protocol::problems_of_answer(output, read.error())};
  pool_.ask_again(key);
}

void PlannerJobs::ended(JobEnd end, Turn& turn) {
  if (auto usable = answered(end, world_.config.planner_timeout_ms); !usable)
    return give_up(end.key, std::move(usable).error(), turn);
  printed(end.key, end.exit.output, turn);
}

/// The core does not say that it needs no parts any more: a late result, a person's command.
void PlannerJobs::stop_unwanted() {
  const std::set<std::string> keys = split_keys_;
  for (const std::string& key : keys)
    if (!splits_.is_wanted(key)) stop(key);
}

void PlannerJobs::take(Turn& turn) {
  splits_.take(turn);
  stop_unwanted();
  pool_.take(turn, [&](JobEnd end) { ended(std::move(end), turn); });
}

}  // namespace baton::service
