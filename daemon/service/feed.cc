#include "service/feed.h"

#include <algorithm>

#include "base/text.h"
#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/aside.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_read_step = 1 << 20;     // how much of the feed is searched at once
constexpr std::size_t k_append_step = 64 << 10;  // how much is appended with one write
constexpr std::int64_t k_rotate_again_ms = 60'000;

const std::string k_file(paths::k_feed);

}  // namespace

// Searches `path` from `from` for the exact bytes of the row. On success `from` is the place behind them. `torn` becomes the
// unfinished last line of the file.
Result<bool> Feed::stands_in(const std::string& path, const store::FeedRow& row, std::int64_t& from, std::string& torn) {
  std::string window;
  std::int64_t at = from;
  for (;;) {
    TRY_VALUE(const std::string step, world_.files.read_at(path, at + static_cast<std::int64_t>(window.size()), k_read_step));
    window += step;
    if (const auto found = window.find(row.line); found != std::string::npos) {
      from = at + static_cast<std::int64_t>(found + row.line.size());
      return true;
    }
    if (step.size() < k_read_step) break;
    const std::size_t keep = std::min(window.size(), row.line.size());
    at += static_cast<std::int64_t>(window.size() - keep);
    window.erase(0, window.size() - keep);
  }
  torn = window.substr(window.rfind('\n') + 1);  // npos + 1 = 0: no newline at all
  return false;
}

Result<> Feed::restore(std::vector<store::FeedRow> rows, std::int64_t last_seq) {
  seq_ = appended_seq_ = last_seq;
  synced_seq_ = rows.empty() ? last_seq : rows.front().seq - 1;
  TRY(look_at_end());
  std::string torn;
  std::int64_t from = -1;
  for (store::FeedRow& row : rows) {
    const bool same_file = inode_ != 0 && row.inode == inode_;
    if (from < 0) from = same_file ? row.offset : 0;
    bool stands = false;
    if (inode_ != 0) {
      TRY_VALUE(stands, stands_in(k_file, row, from, torn));
    }
    if (!stands && same_file && from > 0 && due_.empty()) {  // emptied or made anew since: the offset says nothing
      std::int64_t begin = 0;
      TRY_VALUE(stands, stands_in(k_file, row, begin, torn));
      if (stands) from = begin;
    }
    const auto older = stands || same_file ? Result<platform::Stat>(platform::Stat{}) : world_.files.stat(paths::feed(1));
    if (!stands && !same_file && older) {
      std::int64_t begin = older->identity.inode == row.inode ? row.offset : 0;
      std::string ignored;
      TRY_VALUE(stands, stands_in(paths::feed(1), row, begin, ignored));
    }
    if (!stands) due_.push_back({row.seq, std::move(row.line)});
  }
  if (due_.empty()) return {};
  appended_seq_ = due_.front().seq - 1;
  log::info({std::to_string(due_.size()), " feed entries were remembered and not yet written"});
  // A line of which only the beginning was written is finished rather than written again.
  if (!clean_end_ && due_.front().text.starts_with(torn)) half_ = torn.size();
  return {};
}

void Feed::remember(const core::FeedEntry& entry, Turn& turn) {
  Line line{++seq_, {}};
  line.text = protocol::write_event(entry, line.seq, world_.now.wall_ms);
  log::debug({text::trim(line.text)});
  turn.commit.feed.push_back({line.seq, line.text, inode_, inode_ == 0 ? 0 : end_});
  due_.push_back(std::move(line));
}

// Learns inode, size and last byte of the file, unless they are as we left them.
Result<> Feed::look_at_end() {
  auto file = world_.files.stat(k_file);
  if (file && file->type != platform::FileType::regular) {
    TRY(set_aside_unless_file(world_, k_file));
    file = fail(ErrorCode::not_found, "");
  }
  if (!file && file.error().code != ErrorCode::not_found) return tl::make_unexpected(file.error());
  const std::uint64_t inode = file ? file->identity.inode : 0;
  const std::int64_t size = file ? file->identity.size : 0;
  if (inode == inode_ && size == end_) return {};
  inode_ = inode;
  end_ = size;
  half_ = 0;
  clean_end_ = true;
  if (end_ == 0) return {};
  TRY_VALUE(const std::string last, world_.files.read_at(k_file, end_ - 1, 1));
  clean_end_ = last == "\n";
  return {};
}

// As many lines as go into one write, behind a newline where somebody left the last line open.
std::string Feed::next_bytes() const {
  std::string bytes = due_.front().text.substr(half_);
  for (auto line = due_.begin() + 1; line != due_.end() && bytes.size() + line->text.size() <= k_append_step; ++line)
    bytes += line->text;
  return bytes;
}

void Feed::count_written(std::size_t bytes) {
  bytes += half_;
  while (!due_.empty() && bytes >= due_.front().text.size()) {
    bytes -= due_.front().text.size();
    appended_seq_ = due_.front().seq;
    due_.pop_front();
  }
  half_ = bytes;
  clean_end_ = half_ == 0;
}

Result<> Feed::append() {
  while (!due_.empty()) {
    TRY(look_at_end());
    const std::size_t lead = clean_end_ || half_ > 0 ? 0 : 1;
    const std::string bytes = std::string(lead, '\n') + next_bytes();
    TRY_VALUE(const auto appended, world_.files.append(k_file, bytes));
    inode_ = appended.inode;
    end_ = appended.offset + appended.written;
    const auto written = static_cast<std::size_t>(appended.written);
    count_written(written - std::min(written, lead));
    if (written < bytes.size()) return fail(ErrorCode::no_space, "cannot append to dashboard-events.jsonl: no space left");
  }
  return {};
}

Result<> Feed::sync() {
  if (!sync_due()) return {};
  if (const auto synced = world_.files.sync(k_file); !synced) {
    const auto stands = world_.files.stat(k_file);
    const bool taken_away = stands ? stands->identity.inode != inode_ : stands.error().code == ErrorCode::not_found;
    if (!taken_away) return synced;  // else its lines went with it
  }
  synced_seq_ = appended_seq_;
  return {};
}

Result<> Feed::rotate_if_large() {
  if (inode_ == 0 || end_ < world_.config.events_max_bytes || !due_.empty() || world_.now.boot_ms < rotate_next_ms_) return {};
  TRY(sync());
  const auto rotated = rotate();
  if (rotated) return {};
  log::warn({"cannot rotate dashboard-events.jsonl: ", rotated.error().message});
  rotate_next_ms_ = world_.now.boot_ms + k_rotate_again_ms;
  return {};
}

Result<> Feed::rotate() {
  for (int n = world_.config.events_keep - 1; n >= 1; --n) {
    const auto moved = world_.files.rename(paths::feed(n), paths::feed(n + 1), platform::Replace::yes);
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
  }
  const auto gone = world_.config.events_keep > 0 ? world_.files.rename(k_file, paths::feed(1), platform::Replace::yes)
                                                  : world_.files.remove(k_file);
  if (!gone && gone.error().code != ErrorCode::not_found) return gone;
  TRY(world_.files.sync("."));
  inode_ = 0;
  end_ = 0;
  clean_end_ = true;
  half_ = 0;
  return {};
}

}  // namespace baton::service
