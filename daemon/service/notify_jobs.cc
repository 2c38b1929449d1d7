#include "service/notify_jobs.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "platform/random.h"
#include "protocol/writers.h"
#include "service/log.h"

namespace baton::service {

namespace {

constexpr std::size_t k_last_words = 300;
constexpr std::size_t k_kept_bytes = 4 * 1'024;
constexpr std::size_t k_id_length = 16;
constexpr std::string_view k_prefix = "notify:";  // in the journal's meta table, followed by the id; the value is as in row_of()
const std::string k_failed = "notify_failed";     // attention

std::string row_name(const std::string& id) { return std::string(k_prefix) + id; }

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

core::Attention attention_of(const core::FeedEntry& entry) {
  const auto field = [&entry](std::string_view name) {
    const auto at = std::ranges::find(entry.fields, name, [](const auto& each) { return std::string_view(each.first); });
    return at == entry.fields.end() ? std::string() : std::get<std::string>(at->second);
  };
  return {entry.task_id, entry.subtask_id, field("reason"), field("message"), field("master")};
}

/// One line, since none of it holds a line break.
std::string matter_of(const core::Attention& attention) {
  return text::join(std::vector<std::string>{attention.reason, attention.task_id, attention.subtask_id, attention.master}, " ");
}

}  // namespace

NotifyJobs::NotifyJobs(World& world)
    : world_(world), pool_(world, "notify", k_max_notifications, [this](const std::string& id) { return order(id); }) {}

void NotifyJobs::restore(const std::vector<store::JobRow>& rows, const std::map<std::string, std::string>& meta) {
  static_cast<void>(pool_.restore(rows));
  for (auto at = meta.lower_bound(std::string(k_prefix)); at != meta.end() && at->first.starts_with(k_prefix); ++at) {
    const std::size_t line = at->second.find('\n');
    if (line == std::string::npos) continue;
    notices_[at->first.substr(k_prefix.size())] = {at->second.substr(0, line), at->second.substr(line + 1), false};
  }
}

void NotifyJobs::resume(Turn& turn) {
  for (const auto& [id, notice] : notices_) {
    pool_.remember(id, turn);
    unsent_.push_back(id);
  }
}

void NotifyJobs::remember(const core::FeedEntry& entry, Turn& turn) {
  if (entry.type == "attention_raised") raised(entry, turn);
  if (entry.type == "attention_cleared") cleared(entry);
}

void NotifyJobs::raised(const core::FeedEntry& entry, Turn& turn) {
  const core::Attention attention = attention_of(entry);
  if (world_.config.notify_command.empty() || attention.reason == k_failed) return;
  const std::string id = platform::random_word(k_id_length);
  Notice notice;
  notice.matter = matter_of(attention);
  notice.document =
      protocol::write_notification(id, world_.root, attention, world_.core.task(attention.task_id), world_.now.wall_ms);
  turn.commit.meta[row_name(id)] = notice.matter + "\n" + notice.document;
  pool_.remember(id, turn);
  notices_.emplace(id, std::move(notice));
  unsent_.push_back(id);
}

void NotifyJobs::cleared(const core::FeedEntry& entry) {
  const std::string matter = matter_of(attention_of(entry));
  std::vector<std::string> settled;
  for (const auto& [id, notice] : notices_)
    if (notice.matter == matter && !notice.begun) settled.push_back(id);
  for (const std::string& id : settled) {
    std::erase(unsent_, id);
    pool_.stop(id);
    forget(id);
  }
}

void NotifyJobs::send() {
  for (const std::string& id : std::exchange(unsent_, {})) pool_.ask(id);
}

void NotifyJobs::forget(const std::string& id) {
  notices_.erase(id);
  pool_.forget(id);
  gone_.push_back(row_name(id));
}

Result<std::optional<JobOrder>> NotifyJobs::order(const std::string& id) {
  if (world_.config.notify_command.empty()) {
    forget(id);
    return std::nullopt;
  }
  Notice& notice = notices_.at(id);
  notice.begun = true;
  JobOrder order;
  order.argv = world_.config.notify_command;
  order.cwd = world_.workspace;
  order.input = notice.document;
  order.timeout_ms = world_.config.notify_timeout_ms;
  order.head = k_kept_bytes;
  order.joined = true;
  return order;
}

/// A command that fails is told once, however often it does.
void NotifyJobs::ended(const JobEnd& end) {
  forget(end.key);
  const std::string reason = reason_of(end, world_.config.notify_timeout_ms);
  if (reason.empty())
    world_.remarks.clear(k_failed);
  else if (world_.remarks.raise(k_failed, reason))
    log::warn({reason});
}

void NotifyJobs::take(Turn& turn) {
  if (world_.config.notify_command.empty()) world_.remarks.clear(k_failed);
  pool_.take(turn, [this](const JobEnd& end) { ended(end); });
  auto& gone = turn.commit.meta_gone;
  gone.insert(gone.end(), gone_.begin(), gone_.end());
  gone_.clear();
}

}  // namespace baton::service
