#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "protocol/json_write.h"
#include "protocol/paths.h"
#include "protocol/redact.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

constexpr std::size_t k_type_bytes = 64;

// How much of an entry is written; a line that comes out too long is written again with less.
struct Measure {
  std::size_t text = k_max_event_line;  // bytes of one text
  std::size_t items = 512;              // elements of one list
  std::size_t fields = 256;             // of the entry's own
};

std::string shown(std::string_view text, std::size_t limit) { return text::ellipsis(text::escape_non_utf8(text), limit); }

// The usual text is short and plain.
void put(JsonWriter& out, std::string_view key, std::string_view text, const Measure& measure) {
  if (text.size() <= measure.text && text::is_utf8(text))
    out.member(key, text);
  else
    out.member(key, shown(text, measure.text));
}

// What others said, as far as it may be shown; ids above stay what they are.
struct FieldWriter {
  JsonWriter& out;
  std::string_view key;
  const Measure& measure;

  void operator()(const std::string& text) const { put(out, key, redacted(text), measure); }
  void operator()(std::int64_t number) const { out.member(key, number); }
  void operator()(bool flag) const { out.member(key, flag); }
  void operator()(const std::vector<std::string>& list) const {
    const std::size_t kept = std::min(list.size(), measure.items);
    out.begin_array(key);
    for (std::size_t i = 0; i < kept; ++i) out.value(shown(redacted(list[i]), measure.text));
    if (kept < list.size()) out.value("… " + std::to_string(list.size() - kept) + " more");
    out.end_array();
  }
};

std::string line(const core::FeedEntry& entry, std::int64_t seq, std::int64_t wall_ms, const Measure& measure) {
  JsonWriter out(JsonWriter::compact());
  out.begin_object();
  out.member("timestamp", format_utc(wall_ms));
  put(out, "type", entry.type, {.text = k_type_bytes});
  if (!entry.task_id.empty()) put(out, "orchestration_id", paths::orchestration_id(entry.task_id), measure);
  out.member("seq", seq);
  out.member("epoch_ms", wall_ms);
  if (!entry.task_id.empty()) put(out, "task_id", entry.task_id, measure);
  if (!entry.subtask_id.empty()) put(out, "subtask_id", entry.subtask_id, measure);
  if (!entry.worker_id.empty()) put(out, "worker_id", entry.worker_id, measure);
  for (std::size_t i = 0; i < entry.fields.size() && i < measure.fields; ++i) {
    const auto& [key, value] = entry.fields[i];
    std::visit(FieldWriter{out, key, measure}, value);
  }
  out.end_object();
  return out.take_line();
}

}  // namespace

std::string write_event(const core::FeedEntry& entry, std::int64_t seq, std::int64_t wall_ms) {
  Measure measure;
  std::string text = line(entry, seq, wall_ms, measure);
  while (text.size() > k_max_event_line) {
    // Texts first, the longest lose most; then lists; at last whole fields. Ends: with none of the three the line is short.
    if (measure.text > 64)
      measure.text = measure.text * 3 / 4;
    else if (measure.items > 0)
      measure.items /= 2;
    else if (measure.fields > 0)
      measure.fields /= 2;
    else
      measure.text /= 2;
    text = line(entry, seq, wall_ms, measure);
  }
  return text;
}

}  // namespace baton::protocol
