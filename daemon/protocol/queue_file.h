// task-queue.json by spans: simdjson checks the whole and finds where each entry lies; only entries whose bytes changed are
// parsed, and what is not touched keeps its bytes. Pure text in, text out. docs/protocol.md, "The queue file".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace baton::protocol {

/// One entry of the queue: a span of the file's bytes.
struct QueueEntry {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::uint64_t hash = 0;  // XXH3 of the span
};

/// The `hash` that these bytes would have as an entry. `seed`: the hash of what stands before them, where a text is hashed in
/// pieces.
std::uint64_t entry_hash(std::string_view bytes, std::uint64_t seed = 0);

/// A queue file as read. The spans refer to `bytes`.
struct QueueFile {
  std::string bytes;
  std::vector<QueueEntry> entries;
  std::size_t array_end = 0;  // offset of the ']' of the tasks
  std::size_t updated_at = 0,
              updated_at_length = 0;  // span of the top level's string "updated_at" with its quotes; length 0 = none
  std::string_view span(const QueueEntry& entry) const { return std::string_view(bytes).substr(entry.offset, entry.length); }
};

/// Understands {"tasks": [...], ...} and a bare array. invalid, with place: not JSON, a single task as top level, "tasks" twice,
/// anything else. Entries that are no objects are entries too: they keep their place.
Result<QueueFile> parse_queue(std::string bytes);

/// A version of the file without its bytes: what the next version is met with.
struct QueueOutline {
  std::vector<QueueEntry> entries;
  std::size_t size = 0;   // bytes of the file
  bool is_array = false;  // the bare form
};
bool is_bare_array(std::string_view queue);
QueueOutline outline_of(const QueueFile& file);
/// The same as parse_queue(bytes). Entries that both versions begin or end with are only compared, by their hashes; the rest
/// is parsed. One change among very many entries costs little more than to hash the file.
Result<QueueFile> parse_queue(std::string bytes, const QueueOutline& before);

/// The file that holds no task yet.
QueueFile empty_queue();

/// A place in an entry (counted from it) as a place in the file.
Place place_in_queue(const QueueFile& file, std::size_t index, const Place& inner);

/// entries[index] gets other bytes.
struct QueueEdit {
  std::size_t index = 0;
  std::string bytes;
};
/// A version that was made of another one. What stays of that is not copied: a queue has megabytes.
struct QueueRendering {
  std::vector<std::string_view> pieces;  // of its text, in order; they live in the file, the edits, and `own`
  QueueOutline outline;                  // that of parse_queue() of its text
  std::deque<std::string> own;
};
/// The file with these entries replaced and these appended (indented like their neighbours; one that stands on a single line
/// among neighbours on several is laid out like them); all other bytes stay. entries of the outline: those of the file in their
/// order, then the appended ones.
/// `edits` in ascending order of index. When the top level has a string member "updated_at", it becomes `updated_at`.
/// REQUIRES: the new bytes are valid JSON without white space around it; `file` and `edits` outlive the result.
QueueRendering render_queue(const QueueFile& file, const std::vector<QueueEdit>& edits, const std::vector<std::string>& appended,
                            std::string_view updated_at);

/// id (or task_id) of an entry, "" if it has none or it is no string; cheap, no DOM.
std::string entry_id(std::string_view entry);

/// Sets members of one entry (a JSON object): values are JSON texts; an existing member keeps its place (of duplicates the last
/// one counts), a new one is added at the end, an empty value removes the member. All other bytes stay. What is no object stays.
std::string patch_entry(std::string_view entry, const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace baton::protocol
