// The queue file with some entries changed and some appended: every other byte stays, and what is new looks like what is there.
#include <algorithm>

#include "base/result.h"
#include "protocol/json_tokens.h"
#include "protocol/json_write.h"
#include "protocol/queue_file.h"
#include "protocol/splice.h"

namespace baton::protocol {
namespace {

constexpr std::string_view k_blank = " \t\n\r";
constexpr std::string_view k_two_spaces = "  ";

bool has_line_break(std::string_view text) { return text.find('\n') != std::string_view::npos; }

std::string_view newline_of(std::string_view text) { return text.find("\r\n") == std::string_view::npos ? "\n" : "\r\n"; }

// What stands between the last line break before `at` and the first thing on that line.
std::string_view indentation_at(std::string_view text, std::size_t at) {
  const std::size_t line = text.rfind('\n', at);
  const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
  const std::size_t end = std::min(text.find_first_not_of(" \t", begin), at);
  return text.substr(begin, end - begin);
}

// How entries of this file are set apart and laid out.
struct Style {
  std::string before_first;  // between '[' and an entry, where there is none yet
  std::string between;       // comma and white space
  std::string after_last;    // between the last entry and ']', where there was none
  std::string margin;        // indentation of an entry
  std::string unit;          // one more level
  std::string newline;
  bool on_lines = false;  // entries stand on several lines
};

std::string_view gap(const QueueFile& file, std::size_t index) {
  const QueueEntry& before = file.entries[index - 1];
  const std::size_t end = before.offset + before.length;
  return std::string_view(file.bytes).substr(end, file.entries[index].offset - end);
}

std::size_t array_begin(const QueueFile& file) {
  const std::string_view bytes = file.bytes;
  return bytes.find_last_not_of(k_blank, (file.entries.empty() ? file.array_end : file.entries.front().offset) - 1);
}

std::string unit_of(std::string_view entry, std::string_view margin) {
  const std::size_t line = entry.find('\n');
  if (line == std::string_view::npos) return std::string(k_two_spaces);
  const std::string_view inner = entry.substr(line + 1, entry.find_first_not_of(" \t", line + 1) - line - 1);
  return std::string(inner.starts_with(margin) && inner.size() > margin.size() ? inner.substr(margin.size()) : k_two_spaces);
}

Style style_of_empty(const QueueFile& file) {
  Style style;
  const std::string_view bytes = file.bytes;
  style.newline = newline_of(bytes);
  style.between = ", ";
  if (!has_line_break(bytes.substr(0, bytes.find_last_not_of(k_blank)))) return style;
  const std::string outer(indentation_at(bytes, array_begin(file)));
  style.unit = outer.empty() ? std::string(k_two_spaces) : outer;
  style.margin = outer + style.unit;
  style.before_first = style.newline + style.margin;
  style.between = "," + style.before_first;
  style.after_last = style.newline + outer;
  style.on_lines = true;
  return style;
}

Style style_of(const QueueFile& file) {
  if (file.entries.empty()) return style_of_empty(file);
  Style style;
  const QueueEntry& last = file.entries.back();
  const std::size_t count = file.entries.size();
  const std::size_t begin = array_begin(file) + 1;
  style.newline = newline_of(file.bytes);
  style.between = count > 1 ? gap(file, count - 1) : "," + file.bytes.substr(begin, file.entries.front().offset - begin);
  style.margin = indentation_at(file.bytes, last.offset);
  style.unit = unit_of(file.span(last), style.margin);
  style.on_lines = has_line_break(file.span(last));
  return style;
}

std::string laid_out(const std::string& entry, const Style& style) {
  if (!style.on_lines || has_line_break(entry) || !is_object_text(entry)) return entry;
  JsonWriter writer({true, style.unit, style.margin, style.newline});
  writer.carried(entry);
  return writer.take();
}

QueueEntry entry_at(std::size_t offset, std::string_view bytes) { return {offset, bytes.size(), entry_hash(bytes)}; }

// The text behind the last entry, and where in it each new entry lies.
struct Tail {
  std::string text;
  std::vector<QueueEntry> entries;
};

Tail all_appended(const QueueFile& file, const std::vector<std::string>& appended) {
  Tail tail;
  if (appended.empty()) return tail;
  const Style style = style_of(file);
  for (std::size_t i = 0; i < appended.size(); ++i) {
    tail.text += i == 0 && file.entries.empty() ? style.before_first : style.between;
    const std::string entry = laid_out(appended[i], style);
    tail.entries.push_back(entry_at(tail.text.size(), entry));
    tail.text += entry;
  }
  if (file.entries.empty()) tail.text += style.after_last;
  return tail;
}

// Where a place of the old text lies in the new one. Places are asked for in ascending order.
class Moved {
 public:
  explicit Moved(const std::vector<Splice>& splices) : next_(splices.begin()), end_(splices.end()) {}
  std::size_t operator()(std::size_t at) {
    for (; next_ != end_ && next_->end <= at; ++next_) {
      grown_ += next_->bytes.size();
      shrunk_ += next_->end - next_->begin;
    }
    return at + grown_ - shrunk_;
  }

 private:
  std::vector<Splice>::const_iterator next_, end_;
  std::size_t grown_ = 0, shrunk_ = 0;
};

/// array_end of the rendered text.
std::size_t move_entries(const QueueFile& file, const std::vector<QueueEdit>& edits, const std::vector<Splice>& splices,
                         std::vector<QueueEntry>& entries) {
  Moved moved(splices);
  auto edit = edits.begin();
  entries.reserve(file.entries.size());
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    QueueEntry entry = file.entries[i];
    entry.offset = moved(entry.offset);
    if (edit != edits.end() && edit->index == i) entry = entry_at(entry.offset, (edit++)->bytes);
    entries.push_back(entry);
  }
  return moved(file.array_end);
}

std::size_t size_of(const std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  return size;
}

}  // namespace

QueueRendering render_queue(const QueueFile& file, const std::vector<QueueEdit>& edits, const std::vector<std::string>& appended,
                            std::string_view updated_at) {
  QueueRendering rendering;
  std::vector<Splice> splices;
  for (const QueueEdit& edit : edits) {
    BATON_ASSERT(edit.index < file.entries.size());
    const QueueEntry& entry = file.entries[edit.index];
    splices.push_back({entry.offset, entry.offset + entry.length, edit.bytes});
  }
  Tail tail = all_appended(file, appended);
  const std::string& tail_text = rendering.own.emplace_back(std::move(tail.text));
  const std::string& stamp = rendering.own.emplace_back(json_string(updated_at));
  const bool empty = file.entries.empty();
  const std::size_t at = empty ? array_begin(file) + 1 : file.entries.back().offset + file.entries.back().length;
  if (!appended.empty()) splices.push_back({at, empty ? file.array_end : at, tail_text});
  if (file.updated_at_length > 0) splices.push_back({file.updated_at, file.updated_at + file.updated_at_length, stamp});
  std::ranges::sort(splices, {}, &Splice::begin);
  rendering.pieces = spliced_pieces(file.bytes, splices);
  QueueOutline& outline = rendering.outline;
  outline.size = size_of(rendering.pieces);
  outline.is_array = is_bare_array(file.bytes);
  const std::size_t array_end = move_entries(file, edits, splices, outline.entries);
  const std::size_t tail_begin = array_end - (empty ? 0 : file.array_end - at) - tail_text.size();
  for (QueueEntry& entry : tail.entries) {
    entry.offset += tail_begin;
    outline.entries.push_back(entry);
  }
  return rendering;
}

}  // namespace baton::protocol
