#include "service/queue_keeper.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

#include "base/ids.h"
#include "base/time.h"
#include "protocol/paths.h"
#include "service/arriving.h"
#include "service/trust.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_entries_per_turn = 200;  // that are new
constexpr std::size_t k_known_per_turn = 4'000;
constexpr std::size_t k_bytes_per_turn = 1 << 20;  // a larger file is read in a turn of its own
const std::string k_file(paths::k_queue);

/// As is_read_version() meets the same bytes.
std::uint64_t hash_in_pieces(std::string_view bytes) {
  std::uint64_t hash = 0;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), platform::Files::k_scanned_piece)))
    hash = protocol::entry_hash(bytes.substr(0, platform::Files::k_scanned_piece), hash);
  return hash;
}

std::string hex(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace

void QueueKeeper::restore(std::vector<store::QueueRow> rows, const std::map<std::string, std::string>& meta) {
  for (store::QueueRow& row : rows) rows_[row.task_id] = std::move(row.stamp);
  for (const auto& [key, value] : meta)
    if (key.starts_with(k_refused_prefix)) refused_.emplace(key.substr(k_refused_prefix.size()), 0);
}

std::optional<QueueKeeper::Version> QueueKeeper::read_file(const std::string& path, Turn& turn) {
  const auto stat = world_.files.stat(path);
  if (!stat && stat.error().code != ErrorCode::not_found) return std::nullopt;
  if (!stat) {
    take_back_refusal(path);
    read_identity_ = {};  // should the same file come back, what has happened since is not in it
    return rows_.empty() ? std::nullopt : std::optional(Version{protocol::empty_queue(), {}});
  }
  if (stat->identity == refused_identity_) return std::nullopt;
  if (stat->identity == read_identity_) {  // nothing new; or it is back, after something else was in its place
    if (unreadable_) take_back_refusal(path);
    return std::nullopt;
  }
  auto content = world_.files.read(path, static_cast<std::size_t>(world_.config.max_queue_bytes));
  auto file =
      content ? parse_current(std::move(content->bytes)) : Result<protocol::QueueFile>(tl::make_unexpected(content.error()));
  if (file) {
    read_identity_ = content->stat.identity;
    take_back_refusal(path);
    return Version{std::move(*file), content->stat};
  }
  // Somebody may be in the middle of writing it.
  if (!settling_.settled(path, stat->identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms))
    return std::nullopt;
  refused_identity_ = stat->identity;
  unreadable_ = true;
  refuse_file(path, file.error(), turn);
  return std::nullopt;
}

Result<protocol::QueueFile> QueueKeeper::parse_current(std::string bytes) {
  auto file = protocol::parse_queue(std::move(bytes), outline_);
  if (!file) return file;
  outline_ = protocol::outline_of(*file);
  read_hash_ = hash_in_pieces(file->bytes);
  read_size_ = file->bytes.size();
  return file;
}

void QueueKeeper::begin_scan(Version version, std::string displaced, bool replaces) {
  scan_.emplace();
  scan_->file = std::move(version.file);
  scan_->stat = version.stat;
  scan_->displaced = std::move(displaced);
  scan_->replaces = replaces;
  scan_->pass = ++last_pass_;
}

void QueueKeeper::take(Turn& turn) {
  if (!settling_.due(world_.now).empty()) look_ = true;
  if (look_ && !scan_) {
    look_ = false;
    if (!started_) {
      started_ = true;
      if (const auto entries = world_.files.list("."))
        for (const platform::Entry& entry : *entries)
          if (entry.name.starts_with(".task-queue.json.displaced-")) displaced_.insert(entry.name);
      error_file_ = world_.files.stat(std::string(paths::k_queue_error)).has_value();
    }
    if (auto version = read_file(k_file, turn)) begin_scan(std::move(*version), {}, false);
    if (scan_ && scan_->file.bytes.size() > k_bytes_per_turn) return;  // nobody waits for the scan, too
  }
  if (scan_) scan_some(turn);
}

void QueueKeeper::scan_some(Turn& turn) {
  std::size_t fresh = 0;
  const bool is_displaced = !scan_->displaced.empty();
  const std::size_t end = std::min(scan_->file.entries.size(), scan_->next + k_known_per_turn);
  while (scan_->next < end && fresh < k_entries_per_turn) {
    const protocol::QueueEntry& entry = scan_->file.entries[scan_->next++];
    if (was_known(entry.hash)) continue;
    ++fresh;
    scan_->has_news = true;
    scan_entry(entry, turn);
    // What a displaced file has of ours is put back from the journal; what it has of others must not be lost.
    if (is_displaced && older_[entry.hash].task_id.empty())
      salvaged_.push_back({std::string(scan_->file.span(entry)), scan_->replaces});
  }
  if (scan_->next == scan_->file.entries.size()) end_scan();
}

bool QueueKeeper::was_known(std::uint64_t hash) {
  const bool is_displaced = !scan_->displaced.empty();
  const auto find = [hash](auto& entries) {
    const auto at = entries.find(hash);
    return at == entries.end() ? nullptr : &at->second;
  };
  Known* met = find(known_);
  if (met == nullptr && is_displaced) met = find(older_);
  if (met == nullptr || met->since == scan_->pass) return false;
  if (!is_displaced) met->pass = scan_->pass;
  return true;
}

void QueueKeeper::meet(std::uint64_t hash, std::string task_id) {
  auto& entries = scan_->displaced.empty() ? known_ : older_;
  entries[hash] = Known{std::move(task_id), scan_->pass, scan_->pass};
}

// A live task whose entry is not in the file is put back. `among`: no other task can be missing.
void QueueKeeper::put_back_missing(const std::set<std::string>* among) {
  std::unordered_set<std::string_view> present;
  for (const auto& [hash, known] : known_)
    if (among == nullptr || among->contains(known.task_id)) present.insert(known.task_id);
  const auto put_back = [&](const std::string& task_id) {
    if (present.contains(task_id)) return;
    if (const core::Task* task = world_.core.task(task_id)) due_[task_id] = members(*task);
  };
  if (among == nullptr) {
    for (const auto& [task_id, row] : rows_) put_back(task_id);
  } else {
    for (const std::string& task_id : *among)
      if (rows_.contains(task_id)) put_back(task_id);
  }
}

// What was met is what the file holds. While an older version waits to be merged, what it holds and we have read is nothing new.
void QueueKeeper::end_scan() {
  const bool is_displaced = !scan_->displaced.empty();
  std::set<std::string> dropped;  // tasks with an entry that stood in the file before
  if (!is_displaced) {
    for (auto at = known_.begin(); at != known_.end();) {
      const auto next = std::next(at);
      if (at->second.pass != scan_->pass) {
        dropped.insert(at->second.task_id);
        older_.insert(known_.extract(at));
      }
      at = next;
    }
    if (displaced_.empty()) older_.clear();
    forget_refusals();
  }
  if (is_displaced || !whole_ || !dropped.empty()) put_back_missing(is_displaced || !whole_ ? nullptr : &dropped);
  if (is_displaced) merged_.push_back(scan_->displaced);
  if (!is_displaced) whole_ = true;
  if (!is_displaced && scan_->has_news) held_ = std::move(scan_->file);  // it is about to be written over
  scan_.reset();
}

// An entry without id gets one from its content; the n-th equal entry gets -n. One whose entry with id is not in the file is that
// task.
std::string QueueKeeper::generated_id(const std::string& content_hash) {
  if (!scan_->ids_known) {
    for (const protocol::QueueEntry& entry : scan_->file.entries) scan_->ids.insert(protocol::entry_id(scan_->file.span(entry)));
    scan_->ids_known = true;
  }
  const std::string stem = "task-" + content_hash.substr(0, 12);
  for (int n = 1;; ++n) {
    std::string id = n == 1 ? stem : stem + "-" + std::to_string(n);
    if (scan_->ids.insert(id).second) return id;
  }
}

// An entry counts as written by whoever owned the file when it was read first. Later versions are this program's own, whoever
// wrote what is in them: an entry whose commands were refused stays refused as long as the file has it.
bool QueueKeeper::is_trusted(const protocol::QueueEntry& entry, const protocol::TaskIn& in, Turn& turn) {
  if (protocol::commands_of(in.spec).empty()) return true;
  const std::string key = "untrusted-" + in.spec.content_hash;
  auto trusted = trust_commands(world_.files, scan_->stat, in);
  if (trusted && !refused_.contains(key)) return true;
  meet(entry.hash, "");
  refuse_entry(protocol::entry_id(scan_->file.span(entry)), key, trusted ? Error{} : std::move(trusted).error(), turn);
  return false;
}

void QueueKeeper::scan_entry(const protocol::QueueEntry& entry, Turn& turn) {
  const std::string_view span = scan_->file.span(entry);
  auto in = protocol::read_queue_entry(span);
  if (!in) {
    meet(entry.hash, "");
    return refuse_entry(protocol::entry_id(span), hex(entry.hash), std::move(in).error(), turn);
  }
  if (in->spec.id.empty()) {
    in->spec.id = generated_id(in->spec.content_hash);
    nameless_[entry.hash].push_back(in->spec.id);
  }
  const std::string id = in->spec.id;
  meet(entry.hash, id);  // what was accepted before stands, whoever has laid out its entry anew
  if (world_.core.task(id) != nullptr) return met_again(id, *in, turn);
  if (const auto ended = world_.history.ended(id); ended && *ended) return met_ended(id, **ended, *in, turn);
  if (!is_trusted(entry, *in, turn)) return;
  const bool wanted = in->status.empty() || in->status == "pending" || in->status == "queued";
  if (!wanted) {
    meet(entry.hash, "");  // another program's task: it is none of ours
    return;
  }
  rows_[id] = fresh_rows_[id] = "";
  arrive(std::move(*in), entry.hash, turn);
}

void QueueKeeper::arrive(protocol::TaskIn in, std::uint64_t hash, Turn& turn) {
  const std::string id = in.spec.id;
  in.spec.source = core::Source::queue;
  std::vector<core::FeedEntry> warnings = warnings_about(world_, in, k_file);
  turn.commit.documents[id] = std::move(in.document);
  core::TasksArrived arrived{{}, core::Source::queue, {}};
  arrived.tasks.push_back(arriving_task(world_, std::move(in.spec)));
  const std::size_t before = turn.changes.effects.size();
  turn.tell(std::move(arrived));
  for (std::size_t i = before; i < turn.changes.effects.size(); ++i) {
    auto* refusal = std::get_if<core::RefuseInput>(&turn.changes.effects[i]);
    if (refusal == nullptr || refusal->input.id != 0) continue;
    Error error = std::move(refusal->error);
    turn.changes.effects.erase(turn.changes.effects.begin() + static_cast<std::ptrdiff_t>(i));
    rows_.erase(id);
    fresh_rows_.erase(id);
    meet(hash, "");
    turn.commit.documents.erase(id);
    return refuse_entry(id, hex(hash), std::move(error), turn);
  }
  for (core::FeedEntry& warning : warnings) turn.say(std::move(warning));
}

void QueueKeeper::command_by_hand(core::Verb verb, const std::string& task_id, Turn& turn) {
  turn.tell(core::CommandArrived{{}, verb, task_id, "set in task-queue.json", {}});
}

// An entry that came without id has the one we gave it; its content is what it was without.
bool QueueKeeper::same_content(const std::string& content_hash, const protocol::TaskIn& in) {
  if (protocol::same_content(content_hash, in)) return true;
  const auto without = protocol::read_queue_entry(protocol::patch_entry(in.document, {{"id", ""}}));
  return without && protocol::same_content(content_hash, *without);
}

// A status set by hand counts only in an entry that still carries the stamp we wrote last; anything else is a stale copy.
void QueueKeeper::met_again(const std::string& task_id, const protocol::TaskIn& in, Turn& turn) {
  const core::Task& task = *world_.core.task(task_id);
  if (!same_content(task.spec.content_hash, in)) refuse_other_content(task_id, in, turn);
  const auto row = rows_.find(task_id);
  if (row == rows_.end()) return;  // it came by the drop folder
  const Members wanted = members(task);
  const bool ours = wanted.front().second == "\"" + in.status + "\"";
  // What was written before a crash is journalled only with the next commit.
  const bool newest = in.stamp == format_utc(task.updated_at);
  if (ours && newest && in.stamp != row->second) {
    row->second = in.stamp;
    fresh_rows_[task_id] = row->second;
  }
  if (ours) return;
  const bool current = newest || (!row->second.empty() && in.stamp == row->second);
  if (current && in.status == "cancelled") command_by_hand(core::Verb::cancel, task_id, turn);
  if (current && in.status == "pending" && task.status == core::PlanStatus::blocked)
    command_by_hand(core::Verb::retry, task_id, turn);
  if (const core::Task* still = world_.core.task(task_id)) due_[task_id] = members(*still);
}

void QueueKeeper::met_ended(const std::string& task_id, const core::EndedTask& ended, const protocol::TaskIn& in, Turn& turn) {
  if (!same_content(ended.content_hash, in)) return refuse_other_content(task_id, in, turn);
  if (in.status == core::name(ended.status)) return;
  const auto task = world_.history.load_task(task_id);
  if (task && *task) due_[task_id] = members(**task);
}

}  // namespace baton::service
