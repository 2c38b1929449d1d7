// The writing side of the queue file: what entries have to say, the exchange, and what was displaced by it.
#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/json_write.h"
#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/filing.h"
#include "service/log.h"
#include "service/queue_keeper.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

const std::string k_file(paths::k_queue);
constexpr std::size_t k_stamps_per_commit = 1'000;
constexpr std::string_view k_displaced = ".task-queue.json.displaced-";

std::string_view status_word(const core::Task& task) {
  switch (task.status) {
    case core::PlanStatus::planning:
    case core::PlanStatus::awaiting_approval: return "waiting";
    case core::PlanStatus::in_progress: return task.simple ? "assigned" : "orchestrating";
    default: return core::name(task.status);
  }
}

using MemberList = std::vector<std::pair<std::string, std::string>>;

/// The name says which version we had read when the file was written over. None: what has the name may be our own writing that
/// did not come to its place.
std::string displaced_name(const platform::Identity& read, const std::string& unique) {
  return std::string(k_displaced) + std::to_string(read.inode) + "." + std::to_string(read.mtime_ns) + "." +
         std::to_string(read.size) + "-" + unique;
}

/// Somebody wrote it between our reading and the exchange, or after it. A name that says nothing: nobody knows, and what the
/// queue file has counts.
bool changed_since_read(const std::string& name, const platform::Identity& now) {
  const std::vector<std::string> version =
      text::split(name.substr(k_displaced.size(), name.find('-', k_displaced.size()) - k_displaced.size()), '.');
  if (version.size() != 3 || version.front() == "0") return false;
  return version[0] != std::to_string(now.inode) || version[1] != std::to_string(now.mtime_ns) ||
         version[2] != std::to_string(now.size);
}

/// An entry that came without id gets the one it is known by.
MemberList with_id(std::string_view entry, const std::string& id, MemberList members) {
  if (protocol::entry_id(entry).empty()) members.insert(members.begin(), {"id", protocol::json_string(id)});
  return members;
}

}  // namespace

QueueKeeper::Members QueueKeeper::members(const core::Task& task) const {
  Members members;
  members.emplace_back("status", protocol::json_string(status_word(task)));
  if (task.simple && !task.subtasks.empty())
    members.emplace_back("assigned_to", protocol::json_string(task.subtasks.front().spec.assigned_to));
  if (!task.simple) members.emplace_back("orchestration_id", protocol::json_string(paths::orchestration_id(task.spec.id)));
  members.emplace_back("updated_at", protocol::json_string(format_utc(task.updated_at)));
  if (task.completed_at != 0) members.emplace_back("completed_at", protocol::json_string(format_utc(task.completed_at)));
  if (task.status == core::PlanStatus::completed)
    members.emplace_back("report", protocol::json_string(paths::report_json(task.spec.id)));
  return members;
}

void QueueKeeper::changed(const core::Task& task) {
  if (task.spec.source == core::Source::queue) due_[task.spec.id] = members(task);
}

void QueueKeeper::remember_into(store::Commit& commit) {
  // A new task's row is part of its commit; new stamps of others may come with any, a bounded number at a time.
  std::size_t stamps = 0;
  for (auto row = fresh_rows_.begin(); row != fresh_rows_.end();) {
    if (!row->second.empty() && ++stamps > k_stamps_per_commit) {
      ++row;
      continue;
    }
    commit.queue.push_back({row->first, row->second});
    row = fresh_rows_.erase(row);
  }
  for (const std::string& task_id : gone_rows_) commit.queue_gone.push_back(task_id);
  for (const std::string& key : fresh_refused_) commit.meta[std::string(k_refused_prefix) + key] = "1";
  for (const std::string& key : gone_refused_)
    if (!fresh_refused_.contains(key)) commit.meta_gone.push_back(std::string(k_refused_prefix) + key);
  gone_refused_.clear();
  gone_rows_.clear();
  fresh_refused_.clear();
}

// The file as it was read last, from memory if it is still at hand; false when it is another one by now.
Result<bool> QueueKeeper::version_to_change(protocol::QueueFile& file, std::optional<platform::Stat>& old) {
  const auto stat = world_.files.stat(k_file);
  // Deleted since it was read: looked at as an empty queue first, so that all live tasks get their entries back.
  if (!stat && stat.error().code == ErrorCode::not_found) return known_.empty() || rows_.empty();
  if (!stat) return tl::make_unexpected(stat.error());
  if (!(stat->identity == read_identity_)) return false;
  old = *stat;
  if (auto held = std::exchange(held_, std::nullopt)) {
    file = std::move(*held);
    return true;
  }
  TRY_VALUE(auto content, world_.files.read(k_file, static_cast<std::size_t>(world_.config.max_queue_bytes)));
  if (!(content.stat.identity == read_identity_)) return false;
  TRY_VALUE(file, parse_current(std::move(content.bytes)));
  return true;
}

Result<> QueueKeeper::write() {
  if (scan_ || look_ || !write_due()) return {};  // first what is new in it
  std::optional<platform::Stat> old;
  protocol::QueueFile file = protocol::empty_queue();
  TRY_VALUE(const bool current, version_to_change(file, old));
  if (!current) {
    look_ = true;
    return {};
  }
  TRY_VALUE(const Draft fresh, draft(file));
  if (!fresh.edits.empty() || !fresh.appended.empty()) {
    protocol::QueueRendering next = protocol::render_queue(file, fresh.edits, fresh.appended, format_utc(world_.now.wall_ms));
    TRY(put_in_place(next.pieces, old ? &*old : nullptr));
    outline_ = std::move(next.outline);
    std::unordered_map<std::uint64_t, std::uint64_t> became;  // entries written over, and those that a displaced file had
    for (const protocol::QueueEdit& edit : fresh.edits) {
      const std::uint64_t before = file.entries[edit.index].hash;
      if (!refused_.empty()) became[before] = outline_.entries[edit.index].hash;
      if (auto node = known_.extract(before)) older_.insert(std::move(node));
    }
    const auto know = [this, &became](std::size_t index, const std::string& entry) {
      const std::uint64_t hash = outline_.entries[index].hash;  // it may have been laid out like its neighbours
      known_[hash] = Known{protocol::entry_id(entry), last_pass_, last_pass_};
      if (!refused_.empty()) became[protocol::entry_hash(entry)] = hash;
    };
    for (const protocol::QueueEdit& edit : fresh.edits) know(edit.index, edit.bytes);
    for (std::size_t i = 0; i < fresh.appended.size(); ++i) know(file.entries.size() + i, fresh.appended[i]);
    refused_moved(became);
  }
  written();
  return {};
}

// What has to change: entries whose task has something to say, entries that a displaced file had otherwise, and those that are
// missing.
Result<QueueKeeper::Draft> QueueKeeper::draft(const protocol::QueueFile& file) {
  std::map<std::string, const Salvaged*> salvaged;
  for (const Salvaged& entry : salvaged_) salvaged[protocol::entry_id(entry.bytes)] = &entry;
  Draft fresh;
  std::set<std::string> met;
  std::unordered_map<std::uint64_t, std::size_t> equal;  // entries without id and with the same bytes, met so far
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    const std::string_view span = file.span(file.entries[i]);
    const auto known = known_.find(file.entries[i].hash);
    const auto ids = nameless_.find(file.entries[i].hash);
    const std::size_t nth = ids == nameless_.end() ? 0 : equal[ids->first]++;
    const std::string id = ids != nameless_.end() && nth < ids->second.size()        ? ids->second[nth]
                           : known != known_.end() && !known->second.task_id.empty() ? known->second.task_id
                           : known == known_.end() || !salvaged.empty() ? protocol::entry_id(span)  // laid out anew by us
                                                                        : std::string();
    if (id.empty()) continue;
    const auto due = due_.find(id);
    const auto other = salvaged.find(id);
    if (other != salvaged.end()) met.insert(id);
    if (due == due_.end() && other == salvaged.end()) continue;
    met.insert(id);
    const std::string_view base = other != salvaged.end() && other->second->replaces ? other->second->bytes : span;
    std::string entry =
        due != due_.end() ? protocol::patch_entry(base, with_id(base, due->first, due->second)) : std::string(base);
    if (entry != span) fresh.edits.push_back({i, std::move(entry)});
  }
  for (const Salvaged& entry : salvaged_) {
    const std::string id = protocol::entry_id(entry.bytes);
    if (!met.contains(id) && !due_.contains(id)) fresh.appended.push_back(entry.bytes);
  }
  for (const auto& [task_id, members] : due_) {
    if (met.contains(task_id) || world_.core.task(task_id) == nullptr) continue;  // a final one that vanished stays away
    TRY_VALUE(const std::string document, world_.store.document(task_id));
    fresh.appended.push_back(protocol::patch_entry(document, with_id(document, task_id, members)));
  }
  return fresh;
}

void QueueKeeper::written() {
  for (const auto& [task_id, members] : due_) {
    if (world_.core.task(task_id) == nullptr) {
      rows_.erase(task_id);
      fresh_rows_.erase(task_id);
      gone_rows_.insert(task_id);
      continue;
    }
    const auto stamp = std::ranges::find(members, "updated_at", &Members::value_type::first);
    rows_[task_id] = stamp->second.substr(1, stamp->second.size() - 2);
    fresh_rows_[task_id] = rows_[task_id];
  }
  due_.clear();
  salvaged_.clear();
  nameless_.clear();  // they have their ids now
}

// Writes beside and exchanges; the displaced file keeps a hidden name until it was merged. `old` = the version we read.
Result<> QueueKeeper::put_in_place(const std::vector<std::string_view>& pieces, const platform::Stat* old) {
  const std::string unique = std::to_string(world_.now.wall_ms) + "-" + std::to_string(++last_displaced_);
  const std::string hidden = displaced_name({}, unique);
  TRY_VALUE(const platform::Stat written, world_.files.write_pieces(hidden, pieces));
  if (old == nullptr) {
    auto placed = world_.files.rename(hidden, k_file, platform::Replace::no);
    if (!placed) {
      world_.files.remove(hidden);
      look_ = true;  // somebody made the file in the meantime
      return placed;
    }
    read_identity_ = written.identity;
    return {};
  }
  if (old->mode != written.mode || old->gid != written.gid) static_cast<void>(world_.files.set_owner(hidden, *old));
  auto exchanged = world_.files.exchange(hidden, k_file);
  if (exchanged) {
    const std::string displaced = displaced_name(old->identity, unique);
    displaced_.insert(world_.files.rename(hidden, displaced, platform::Replace::no) ? displaced : hidden);
  } else if (exchanged.error().code ==
             ErrorCode::refused) {  // this filesystem cannot: the window stays open, `baton doctor` says so
    exchanged = world_.files.rename(hidden, k_file, platform::Replace::yes);
  }
  if (!exchanged) {
    world_.files.remove(hidden);
    look_ = true;
    return exchanged;
  }
  read_identity_ = written.identity;
  return {};
}

// What was merged stands in the queue file, or in the journal. Their removal must not be on the disk before the queue file is.
Result<> QueueKeeper::remove_merged() {
  if (merged_.empty() || !salvaged_.empty()) return {};
  auto synced = world_.files.sync(k_file);
  if (!synced && synced.error().code != ErrorCode::not_found) return synced;
  TRY(world_.files.sync("."));
  while (!merged_.empty()) {
    TRY(world_.files.remove(merged_.back()));
    merged_.pop_back();
  }
  return {};
}

// A displaced file is read once more when nobody writes it any more: a writer that had it open may have added something.
Result<> QueueKeeper::tidy(Turn& turn) {
  Result<> done = remove_merged();
  if (scan_) return done;
  if (displaced_.empty()) older_.clear();
  for (auto at = displaced_.begin(); at != displaced_.end() && !scan_;) {
    const auto over = look_at_displaced(*at, turn);
    if (!over) done = tl::make_unexpected(over.error());
    at = over && *over ? displaced_.erase(at) : std::next(at);
  }
  return done;
}

/// As it was when it was written over: every entry of that version was met.
bool QueueKeeper::is_read_version(const std::string& name, const platform::Identity& identity) {
  if (static_cast<std::size_t>(identity.size) != read_size_) return false;
  std::uint64_t hash = 0;
  const auto scanned = world_.files.scan(name, [&hash](std::string_view piece) { hash = protocol::entry_hash(piece, hash); });
  return scanned && static_cast<std::size_t>(scanned->identity.size) == read_size_ && hash == read_hash_;
}

// True: there is nothing left to do with it, but for what the scan finds. It stays ours until it is certain what it holds.
Result<bool> QueueKeeper::look_at_displaced(const std::string& name, Turn& turn) {
  const auto stat = world_.files.stat(name);
  if (!stat && stat.error().code == ErrorCode::not_found) return true;
  if (!stat) return tl::make_unexpected(stat.error());
  if (!settling_.settled(name, stat->identity, world_.now, world_.config.settle_ms, world_.config.max_open_ms)) return false;
  if (is_read_version(name, stat->identity)) {
    merged_.push_back(name);
    return true;
  }
  auto content = world_.files.read(name, static_cast<std::size_t>(world_.config.max_queue_bytes));
  const bool never = !content && content.error().code == ErrorCode::invalid;  // too large, or no file
  if (!content && !never) return tl::make_unexpected(content.error());
  auto file = content ? protocol::parse_queue(std::move(content->bytes), outline_)
                      : Result<protocol::QueueFile>(tl::make_unexpected(content.error()));
  if (file)
    begin_scan({std::move(*file), content->stat}, name, changed_since_read(name, stat->identity));
  else
    TRY(reject_displaced(name, file.error(), turn));
  return true;
}

Result<> QueueKeeper::reject_displaced(const std::string& name, const Error& error, Turn& turn) {
  const std::string folder(paths::k_rejected);
  const std::string hidden = paths::join(folder, ".baton-displaced-error");
  const auto put_reason = [&](const std::string& kept) -> Result<> {
    TRY(write_to(world_.files, hidden, protocol::write_reason(kept, error, world_.now.wall_ms)));
    return world_.files.rename(hidden, paths::join(folder, paths::error_name(kept)), platform::Replace::yes);
  };
  const std::string wanted = name.substr(1);
  TRY(put_reason(wanted));  // before the file: what lies there never lacks its reason
  TRY_VALUE(const std::string kept, move_to_free_name(world_.files, name, folder, wanted));
  if (name_of(kept) != wanted) TRY(put_reason(name_of(kept)));
  log::warn({name, ": ", in_words(error), "; kept as ", kept});
  say_rejected(kept, error, turn);
  return {};
}

}  // namespace baton::service
