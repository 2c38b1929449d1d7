// dashboard-events.jsonl: appending, repair of a torn tail, rotation. The journal keeps each line with (inode, offset) until the
// file was synced, so that a start finds exactly what is missing. docs/protocol.md, "Events".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/effect.h"
#include "service/world.h"
#include "store/store.h"

namespace baton::service {

class Feed {
 public:
  explicit Feed(World& world) : world_(world) {}

  /// Finds out which remembered lines the file lacks; append() brings them.
  Result<> restore(std::vector<store::FeedRow> rows, std::int64_t last_seq);

  /// Gives the entry its seq and remembers its line.
  void remember(const core::FeedEntry& entry, Turn& turn);
  /// After the commit: appends everything that is due. no_space and others: tried again with the next call.
  Result<> append();
  bool retry_due() const { return !due_.empty(); }

  /// Rotates when the file has grown too large; always synced before.
  Result<> rotate_if_large();
  Result<> sync();
  bool sync_due() const { return appended_seq_ > synced_seq_; }
  std::int64_t synced_seq() const { return synced_seq_; }
  std::int64_t last_seq() const { return seq_; }

 private:
  struct Line {
    std::int64_t seq = 0;
    std::string text;
  };
  Result<bool> stands_in(const std::string& path, const store::FeedRow& row, std::int64_t& from, std::string& torn);
  Result<> look_at_end();
  std::string next_bytes() const;
  void count_written(std::size_t bytes);
  Result<> rotate();

  World& world_;
  std::deque<Line> due_;
  std::int64_t seq_ = 0;
  std::int64_t appended_seq_ = 0;
  std::int64_t synced_seq_ = 0;
  std::uint64_t inode_ = 0;          // of the file as it was when we last looked; 0 = there was none
  std::int64_t end_ = 0;             // its size then
  bool clean_end_ = true;            // it ended with a newline
  std::size_t half_ = 0;             // bytes of the first due line that already stand at the end
  std::int64_t rotate_next_ms_ = 0;  // boot clock; a rotation has failed
};

}  // namespace baton::service
