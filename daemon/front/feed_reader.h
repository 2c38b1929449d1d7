// Reads the event feed as a user of the files: whole lines in their order, over rotation (docs/protocol.md, "Events").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "front/folder.h"
#include "front/output.h"

namespace baton::front {

class FeedReader {
 public:
  explicit FeedReader(const Folder& folder) : folder_(folder) {}

  /// Begins `lines` lines before the end of the feed.
  Result<> start_at_end(std::size_t lines);
  /// Begins with the first line whose seq is greater, however far back it was rotated.
  Result<> start_after(std::int64_t seq);

  /// The next whole lines without their newlines; empty = nothing more at present. Without a start: from the feed's beginning.
  Result<std::vector<std::string>> next();

 private:
  Result<bool> step(std::vector<std::string>& lines);
  bool follow_rotation();
  void begin(std::uint64_t inode, std::int64_t offset);
  void take(std::string_view bytes, std::vector<std::string>& lines);

  const Folder& folder_;
  std::uint64_t inode_ = 0;      // of the file that is being read; 0 = none yet
  std::int64_t offset_ = 0;      // of the next byte in it
  std::string half_;             // a line without its end
  std::int64_t after_seq_ = -1;  // lines up to this seq are left out
};

/// The number of the feed's last line; 0 = there is none.
std::int64_t last_seq(const Folder& folder);

/// "2025-11-05 18:00:04Z  subtask_completed  auth-001-design  summary: ..." ; a line that is no event comes as it is.
std::string event_text(const Output& out, const std::string& line);

}  // namespace baton::front
