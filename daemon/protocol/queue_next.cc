// The next version of a queue file. Most changes touch few of very many entries: those that stand where they stood, counted from
// the front or from the back, are left out of the text that is parsed, all but the first and the last of each run. When these
// two turn out to be neighbours in the array, what was left out lies between them.
#include <algorithm>

#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"
#include "protocol/queue_file.h"

namespace baton::protocol {
namespace {

bool is_one_comma(std::string_view gap) {
  std::size_t commas = 0;
  for (const char c : gap) {
    if (c == ',')
      ++commas;
    else if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      return false;
  }
  return commas == 1;
}

// Entries first … last of the version before that stand in the new one, moved by `shift` (wraps around for a move to the front).
struct Run {
  std::size_t first = 0, count = 0, shift = 0;
};

class Comparison {
 public:
  Comparison(std::string_view bytes, const QueueOutline& before) : bytes_(bytes), before_(before) {}

  Run from_front() const {
    Run run;
    while (run.count < before_.entries.size() && stands(run.count, 0) && (run.count == 0 || follows(run.count, 0))) ++run.count;
    return run;
  }

  Run from_back(const Run& front) const {
    Run run{before_.entries.size(), 0, bytes_.size() - before_.size};
    const std::size_t least = front.count == 0 ? 0 : end_of(front.count - 1);
    while (run.first > front.count && stands(run.first - 1, run.shift) &&
           before_.entries[run.first - 1].offset + run.shift >= least && (run.count == 0 || follows(run.first, run.shift))) {
      --run.first;
      ++run.count;
    }
    return run;
  }

 private:
  std::size_t end_of(std::size_t index) const { return before_.entries[index].offset + before_.entries[index].length; }

  bool stands(std::size_t index, std::size_t shift) const {
    const QueueEntry& entry = before_.entries[index];
    const std::size_t at = entry.offset + shift;
    return at < bytes_.size() && entry.length <= bytes_.size() - at && entry_hash(bytes_.substr(at, entry.length)) == entry.hash;
  }

  /// Between this entry and the one before it stands what must stand there.
  bool follows(std::size_t index, std::size_t shift) const {
    const std::size_t from = end_of(index - 1) + shift, to = before_.entries[index].offset + shift;
    return from <= to && is_one_comma(bytes_.substr(from, to - from));
  }

  std::string_view bytes_;
  const QueueOutline& before_;
};

// What is left out of the text that is parsed: from the second entry of a run to its last.
struct Cut {
  Run run;
  std::size_t begin = 0, end = 0;  // in the whole text
  std::size_t place = 0;           // in the shortened one
};

std::vector<Cut> cuts_for(std::string_view bytes, const QueueOutline& before) {
  constexpr std::size_t k_worth_it = 8;  // entries
  const Comparison comparison(bytes, before);
  const Run front = comparison.from_front();
  std::vector<Cut> cuts;
  std::size_t shortened = 0;
  for (const Run& run : {front, comparison.from_back(front)}) {
    if (run.count < k_worth_it) continue;
    Cut cut{run, before.entries[run.first + 1].offset + run.shift, before.entries[run.first + run.count - 1].offset + run.shift,
            0};
    cut.place = cut.begin - shortened;
    shortened += cut.end - cut.begin;
    cuts.push_back(cut);
  }
  return cuts;
}

std::string without(std::string_view bytes, const std::vector<Cut>& cuts) {
  std::string text;
  std::size_t from = 0;
  for (const Cut& cut : cuts) {
    text += bytes.substr(from, cut.begin - from);
    from = cut.end;
  }
  text += bytes.substr(from);
  return text;
}

// The entries around the cut are neighbours in the array.
bool lies_in_array(const Cut& cut, const QueueOutline& before, const std::vector<QueueEntry>& entries) {
  const auto behind = std::ranges::lower_bound(entries, cut.place, {}, &QueueEntry::offset);
  if (behind == entries.begin() || behind == entries.end() || behind->offset != cut.place) return false;
  const std::size_t distance = cut.begin - (before.entries[cut.run.first].offset + cut.run.shift);
  return std::prev(behind)->offset + distance == cut.place;
}

// The places of the whole text, and the entries that were left out.
void complete(QueueFile& file, const QueueOutline& before, const std::vector<Cut>& cuts) {
  const auto back = [&cuts](std::size_t at) {
    std::size_t left_out = 0;
    for (const Cut& cut : cuts)
      if (cut.place <= at) left_out += cut.end - cut.begin;
    return at + left_out;
  };
  std::vector<QueueEntry> entries;
  entries.reserve(file.entries.size() + before.entries.size());
  for (const QueueEntry& entry : file.entries) {
    const auto cut = std::ranges::find(cuts, entry.offset, &Cut::place);
    if (cut != cuts.end())
      for (std::size_t i = cut->run.first + 1; i + 1 < cut->run.first + cut->run.count; ++i)
        entries.push_back({before.entries[i].offset + cut->run.shift, before.entries[i].length, before.entries[i].hash});
    entries.push_back({back(entry.offset), entry.length, entry.hash});
  }
  file.entries = std::move(entries);
  file.array_end = back(file.array_end);
  if (file.updated_at_length > 0) file.updated_at = back(file.updated_at);
}

}  // namespace

bool is_bare_array(std::string_view bytes) {
  const Token first = JsonTokens(without_bom(bytes)).next();
  return first.kind == TokenKind::open && without_bom(bytes)[first.offset] == '[';
}

QueueOutline outline_of(const QueueFile& file) { return {file.entries, file.bytes.size(), is_bare_array(file.bytes)}; }

Result<QueueFile> parse_queue(std::string bytes, const QueueOutline& before) {
  // An entry of the bare form may nest one level deeper.
  const std::vector<Cut> cuts = is_bare_array(bytes) == before.is_array ? cuts_for(bytes, before) : std::vector<Cut>{};
  if (cuts.empty()) return parse_queue(std::move(bytes));
  Result<QueueFile> file = parse_queue(without(bytes, cuts));
  const auto proven = [&](const Cut& cut) { return lies_in_array(cut, before, file->entries); };
  if (!file || !std::ranges::all_of(cuts, proven)) return parse_queue(std::move(bytes));
  complete(*file, before, cuts);
  file->bytes = std::move(bytes);
  return file;
}

}  // namespace baton::protocol
