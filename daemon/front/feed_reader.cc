#include "front/feed_reader.h"

#include <algorithm>

#include "base/text.h"
#include "front/render.h"
#include "front/views.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_step = 256 << 10;   // bytes read at once
constexpr std::size_t k_line = 8 << 10;     // more than a line of the feed ever has
constexpr std::size_t k_tail = 64 << 10;    // where the last lines are looked for
constexpr std::size_t k_field_width = 120;  // columns of one field in a line for people

std::int64_t seq_of(const std::string& line) {
  const auto event = read_event(line);
  return event ? event->seq : 0;
}

Colour event_colour(std::string_view type) {
  if (type.ends_with("_failed") || type.ends_with("_rejected") || type == "zombie_detected") return Colour::red;
  if (type.ends_with("_completed") || type.ends_with("_passed")) return Colour::green;
  if (type.ends_with("_blocked") || type == "attention_raised" || type == "handoff_unclaimed") return Colour::yellow;
  return Colour::none;
}

}  // namespace

void FeedReader::begin(std::uint64_t inode, std::int64_t offset) {
  inode_ = inode;
  offset_ = offset;
  half_.clear();
}

Result<> FeedReader::start_at_end(std::size_t lines) {
  const auto stat = folder_.files().stat(paths::feed(0));
  if (!stat) return {};
  const std::int64_t from = std::max<std::int64_t>(0, stat->identity.size - static_cast<std::int64_t>(k_tail));
  TRY_VALUE(const std::string tail, folder_.files().read_at(paths::feed(0), from, k_tail));
  std::size_t at = tail.rfind('\n');  // the end of the last whole line
  for (std::size_t i = 0; i < lines && at != std::string::npos; ++i) at = at == 0 ? std::string::npos : tail.rfind('\n', at - 1);
  begin(stat->identity.inode, at == std::string::npos ? from : from + static_cast<std::int64_t>(at) + 1);
  return {};
}

Result<> FeedReader::start_after(std::int64_t seq) {
  after_seq_ = seq;
  for (int n = 0;; ++n) {
    const auto stat = folder_.files().stat(paths::feed(n));
    if (!stat && n > 0) return {};  // no older one: the last one looked at is the begin
    if (!stat) continue;
    TRY_VALUE(const std::string head, folder_.files().read_at(paths::feed(n), 0, k_line));
    begin(stat->identity.inode, 0);
    const std::int64_t first = seq_of(head.substr(0, head.find('\n')));
    if (first > 0 && first <= seq + 1) return {};
  }
}

// When our file is not the newest any more: goes to the next newer one.
bool FeedReader::follow_rotation() {
  std::uint64_t newer = 0;
  for (int n = 0;; ++n) {
    const auto stat = folder_.files().stat(paths::feed(n));
    if (!stat && n > 0) break;  // ours is gone altogether: on with the oldest one there is
    if (!stat) continue;
    if (stat->identity.inode == inode_) break;
    newer = stat->identity.inode;
  }
  if (newer == 0) return false;
  begin(newer, 0);
  return true;
}

void FeedReader::take(std::string_view bytes, std::vector<std::string>& lines) {
  half_ += bytes;
  std::size_t from = 0;
  for (std::size_t end = half_.find('\n'); end != std::string::npos; end = half_.find('\n', from)) {
    std::string line = half_.substr(from, end - from);
    from = end + 1;
    if (line.empty()) continue;
    if (after_seq_ >= 0) {
      const std::int64_t seq = seq_of(line);
      if (seq <= after_seq_) continue;
      after_seq_ = -1;  // from here on everything, also lines of others without a seq
    }
    lines.push_back(std::move(line));
  }
  half_.erase(0, from);
}

// True when there was something to read.
Result<bool> FeedReader::step(std::vector<std::string>& lines) {
  for (int n = 0;; ++n) {
    const std::string path = paths::feed(n);
    const auto before = folder_.files().stat(path);
    if (!before && n > 0) return false;
    if (!before) continue;
    if (inode_ == 0) begin(before->identity.inode, 0);
    if (before->identity.inode != inode_) continue;
    if (before->identity.size < offset_) begin(inode_, 0);  // somebody truncated it
    auto bytes = folder_.files().read_at(path, offset_, k_step);
    const auto after = folder_.files().stat(path);
    if (!bytes || !after || after->identity.inode != inode_) return true;  // rotated meanwhile: look again
    if (bytes->empty()) return false;
    offset_ += static_cast<std::int64_t>(bytes->size());
    take(*bytes, lines);
    return true;
  }
}

Result<std::vector<std::string>> FeedReader::next() {
  std::vector<std::string> lines;
  while (lines.empty()) {
    TRY_VALUE(const bool some, step(lines));
    if (some) continue;
    if (!follow_rotation()) break;
  }
  return lines;
}

std::int64_t last_seq(const Folder& folder) {
  const auto stat = folder.files().stat(paths::feed(0));
  if (!stat) return 0;
  const auto from = std::max<std::int64_t>(0, stat->identity.size - static_cast<std::int64_t>(k_tail));
  const auto tail = folder.files().read_at(paths::feed(0), from, k_tail);
  if (!tail) return 0;
  const auto lines = text::split(*tail, '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)  // others may have appended lines of their own
    if (const std::int64_t seq = seq_of(*line); seq > 0) return seq;
  return 0;
}

std::string event_text(const Output& out, const std::string& line) {
  const auto event = read_event(line);
  if (!event || event->type.empty()) return out.paint(Colour::dim, text::printable(text::ellipsis(line, k_line)));
  std::string time = event->timestamp;
  std::replace(time.begin(), time.end(), 'T', ' ');
  const std::string& subject = event->subtask_id.empty() ? event->task_id : event->subtask_id;
  std::string words = pad_to(text::printable(event->type), 22) + "  " + text::printable(subject);
  if (!event->worker_id.empty()) words += "  " + text::printable(event->worker_id);
  for (const auto& [name, value] : event->fields)
    if (!value.empty()) words += "  " + text::printable(name + ": " + text::ellipsis(value, k_field_width));
  return out.paint(Colour::dim, text::printable(time)) + "  " + out.paint(event_colour(event->type), words);
}

}  // namespace baton::front
