#include "service/notify_jobs.h"

#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace baton::service {

namespace {

constexpr std::size_t k_last_words = 300;
constexpr std::size_t k_kept_bytes = 4 * 1'024;

std::string reason_of(const JobEnd& end, std::int64_t timeout_ms) {
  const auto with_words = [&](std::string what) {
    const std::string words = text::ellipsis(text::printable(text::trim(end.exit.output)), k_last_words);
    return words.empty() ? what : what + ": " + words;
  };
  switch (end.how) {
    case JobEnd::How::exited:
      return end.exit.code == 0 ? "" : with_words("the notify command ended with exit code " + std::to_string(end.exit.code));
    case JobEnd::How::signalled:
      return with_words("the notify command was ended by signal " + std::to_string(end.exit.code - 128));
    case JobEnd::How::timed_out: return "the notify command did not end within " + format_duration(timeout_ms);
    case JobEnd::How::not_started: return end.error.message;
  }
  return "";
}

}  // namespace

NotifyJobs::NotifyJobs(World& world)
    : world_(world), pool_(world, "notify", k_max_notifications, [this](const std::string& id) { return order(id); }) {}

void NotifyJobs::send(const std::string& id, std::string document) {
  documents_.insert_or_assign(id, std::move(document));
  pool_.ask(id);
}

void NotifyJobs::stop(const std::string& id) {
  documents_.erase(id);
  pool_.stop(id);
}

Result<std::optional<JobOrder>> NotifyJobs::order(const std::string& id) {
  if (world_.config.notify_command.empty()) {
    documents_.erase(id);
    return std::nullopt;
  }
  JobOrder order;
  order.argv = world_.config.notify_command;
  order.cwd = world_.workspace;
  order.input = documents_.at(id);
  order.timeout_ms = world_.config.notify_timeout_ms;
  order.head = k_kept_bytes;
  order.joined = true;
  return order;
}

void NotifyJobs::ended(const JobEnd& end) {
  documents_.erase(end.key);
  pool_.forget(end.key);
  std::string reason = reason_of(end, world_.config.notify_timeout_ms);
  done_.push_back({end.key, reason.empty(), std::move(reason)});
}

void NotifyJobs::take(Turn& turn) {
  pool_.take(turn, [this](const JobEnd& end) { ended(end); });
}

}  // namespace baton::service
