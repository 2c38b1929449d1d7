#include "service/inputs.h"

#include <algorithm>

#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr int k_max_names = 10'000;  // NAME.1 … tried for a free name

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// masters/<m>/handoffs/… → masters/<m>/handoffs; a document in claimed/ belongs to the same master.
std::string handoff_folder(const std::string& path) {
  const auto at = path.find("/handoffs/");
  return at == std::string::npos ? folder_of(path) : path.substr(0, at + 9);
}

std::string accepted_folder(InputKind kind, const std::string& path) {
  switch (kind) {
    case InputKind::drop: return std::string(paths::k_accepted);
    case InputKind::result: return paths::join(handoff_folder(path), "done");
    default: return {};
  }
}

std::string refused_folder(InputKind kind, const std::string& path) {
  switch (kind) {
    case InputKind::drop: return std::string(paths::k_rejected);
    case InputKind::result:
    case InputKind::handoff: return paths::join(handoff_folder(path), "stale");
    case InputKind::worker: return std::string(paths::k_workers_stale);
    default: return {};
  }
}

}  // namespace

void Inputs::restore(std::vector<store::InputRow> rows, std::int64_t last_id) {
  last_id_ = last_id;
  for (auto& row : rows) {
    const bool left = row.folder.empty() && row.sidecar_path.empty();
    by_path_[row.path] = row.id;
    if (!left) due_.push_back(row.id);
    rows_.emplace(row.id, std::move(row));
  }
}

core::InputRef Inputs::take(InputKind kind, const std::string& path, const platform::Identity& identity, std::string bytes) {
  const std::int64_t id = ++last_id_;
  taken_.emplace(id, Taken{kind, path, identity, std::move(bytes)});
  return {id, path};
}

bool Inputs::known(const std::string& path, const platform::Identity& identity) const {
  const auto at = by_path_.find(path);
  return at != by_path_.end() && rows_.at(at->second).identity == identity;
}

InputKind Inputs::kind(const core::InputRef& input) const { return taken_.at(input.id).kind; }

store::InputRow Inputs::row_of(const core::InputRef& input) const {
  const Taken& taken = taken_.at(input.id);
  store::InputRow row;
  row.id = input.id;
  row.path = taken.path;
  row.identity = taken.identity;
  row.boot_id = world_.boot_id;
  return row;
}

void Inputs::remember(store::InputRow row, Turn& turn) {
  taken_.erase(row.id);
  by_path_[row.path] = row.id;
  due_.push_back(row.id);
  turn.commit.inputs.push_back(row);
  rows_[row.id] = std::move(row);
}

void Inputs::accept(const core::InputRef& input, Turn& turn) {
  const auto at = taken_.find(input.id);
  if (at == taken_.end()) return;  // no document of its own: a status edited by hand, a file that vanished
  store::InputRow row = row_of(input);
  row.folder = accepted_folder(at->second.kind, at->second.path);
  if (row.folder.empty()) {
    taken_.erase(at);  // it stays where it is and is looked at again only when it changes
    return;
  }
  remember(std::move(row), turn);
}

void Inputs::refuse(const core::InputRef& input, const Error& error, Turn& turn) {
  const auto at = taken_.find(input.id);
  if (at == taken_.end()) return;
  const InputKind kind = at->second.kind;
  if (kind == InputKind::command)
    return answer(input, false, error.hint.empty() ? error.message : error.message + "; " + error.hint, turn);
  store::InputRow row = row_of(input);
  row.folder = refused_folder(kind, row.path);
  const std::string name = kind == InputKind::queue_entry ? std::string(paths::k_queue) : name_of(row.path);
  row.sidecar = protocol::write_reason(name, error, world_.now.wall_ms);
  row.sidecar_path = kind == InputKind::queue_entry ? row.path : paths::join(row.folder, paths::error_name(name));
  remember(std::move(row), turn);
}

void Inputs::answer(const core::InputRef& input, bool ok, const std::string& message, Turn& turn) {
  const auto at = taken_.find(input.id);
  if (at == taken_.end()) return;
  store::InputRow row = row_of(input);
  row.sidecar_path = paths::join(paths::k_commands_done, name_of(row.path));
  row.sidecar = protocol::write_answer(at->second.bytes, ok, message, row.identity, world_.now.wall_ms);
  remember(std::move(row), turn);
}

void Inputs::leave(const core::InputRef& input, Turn& turn) {
  store::InputRow row = row_of(input);
  taken_.erase(input.id);
  by_path_[row.path] = row.id;
  turn.commit.inputs.push_back(row);
  rows_[row.id] = std::move(row);
}

Result<> Inputs::write_sidecar(const store::InputRow& row, const std::string& path) {
  const std::string hidden = paths::join(folder_of(path), ".baton-" + std::to_string(row.id));
  TRY(world_.files.write(hidden, row.sidecar));
  return world_.files.rename(hidden, path, platform::Replace::yes);
}

// The document gets a free name in its folder, its reason the same name with .error.json. The reason comes first: a crash in
// between leaves the document where it is filed again, under the same name.
Result<std::string> Inputs::move_to_free_name(const store::InputRow& row) {
  const std::string name = name_of(row.path);
  for (int n = 0; n <= k_max_names; ++n) {
    const std::string free = n == 0 ? name : name + "." + std::to_string(n);
    const std::string target = paths::join(row.folder, free);
    if (world_.files.stat(target)) continue;
    if (!row.sidecar_path.empty()) TRY(write_sidecar(row, paths::join(row.folder, paths::error_name(free))));
    const auto moved = world_.files.rename(row.path, target, platform::Replace::no);
    if (moved) return target;
    if (moved.error().code != ErrorCode::refused) return tl::make_unexpected(moved.error());
  }
  return fail(ErrorCode::refused, "every name for " + name + " in " + row.folder + " is taken");
}

// Between our look and the rename somebody put another document there: it is new input, so it goes back. When its name has been
// given away meanwhile, a dropped task gets another one; any other document was replaced by its own writer and stays filed.
Result<std::string> Inputs::give_back(const store::InputRow& row, const std::string& target) {
  auto back = world_.files.rename(target, row.path, platform::Replace::no);
  if (back) return row.path;
  const bool drop = folder_of(row.path) == paths::k_drop;
  const std::size_t dot = row.path.rfind('.');
  for (int n = 2; !back && drop && back.error().code == ErrorCode::refused && n <= k_max_names; ++n) {
    const std::string other = row.path.substr(0, dot) + "-" + std::to_string(n) + row.path.substr(dot);
    back = world_.files.rename(target, other, platform::Replace::no);
    if (back) return other;
  }
  log::warn("{} is another document than the one that was taken, and cannot be put back: {}", target, back.error().message);
  return std::string();
}

// The path that must be looked at again, or "".
Result<std::string> Inputs::file_one(const store::InputRow& row) {
  const bool moves = !row.folder.empty();
  if (!moves && !row.sidecar_path.empty()) TRY(write_sidecar(row, row.sidecar_path));
  if (row.sidecar_path == row.path) return std::string();  // a queue entry: there is no file to move
  const auto now = world_.files.stat(row.path);
  if (!now && now.error().code != ErrorCode::not_found) return tl::make_unexpected(now.error());
  if (!now || !(now->identity == row.identity)) return std::string();  // filed before, or somebody wrote a new one there
  if (!moves) {
    TRY(world_.files.remove(row.path));  // a command: its answer holds all of it
    return std::string();
  }
  const auto target = move_to_free_name(row);
  if (!target)
    return target.error().code == ErrorCode::not_found && !world_.files.stat(row.path) ? Result<std::string>("") : target;
  const auto arrived = world_.files.stat(*target);
  if (!arrived || arrived->identity == row.identity) return std::string();
  return give_back(row, *target);
}

std::vector<std::string> Inputs::file() {
  std::vector<std::string> again;
  std::vector<std::int64_t> later;
  for (const std::int64_t id : std::exchange(due_, {})) {
    const store::InputRow& row = rows_.at(id);
    auto filed = file_one(row);
    if (!filed) {
      log::warn("cannot file {}: {}", row.path, filed.error().message);
      later.push_back(id);
      continue;
    }
    if (!filed->empty()) again.push_back(*filed);
    if (const auto at = by_path_.find(row.path); at != by_path_.end() && at->second == id) by_path_.erase(at);
    filed_.push_back(id);
    unsynced_.insert(row.folder.empty() ? folder_of(row.sidecar_path) : row.folder);
    if (!row.folder.empty()) unsynced_.insert(folder_of(row.path));
  }
  due_ = std::move(later);
  return again;
}

Result<> Inputs::sync() {
  for (const std::string& folder : unsynced_) {
    const auto synced = world_.files.sync(folder);
    if (!synced && synced.error().code != ErrorCode::not_found) return synced;
  }
  unsynced_.clear();
  for (const std::int64_t id : std::exchange(filed_, {})) {
    rows_.erase(id);
    done_.push_back(id);
  }
  return {};
}

void Inputs::forget_into(store::Commit& commit) {
  commit.inputs_done.insert(commit.inputs_done.end(), done_.begin(), done_.end());
  done_.clear();
}

void Inputs::forget_missing() {
  for (auto at = rows_.begin(); at != rows_.end();) {
    const store::InputRow& row = at->second;
    const bool left = row.folder.empty() && row.sidecar_path.empty();
    const auto now = left ? world_.files.stat(row.path) : Result<platform::Stat>(platform::Stat{});
    if (!left || (now && now->identity == row.identity)) {
      ++at;
      continue;
    }
    if (const auto path = by_path_.find(row.path); path != by_path_.end() && path->second == row.id) by_path_.erase(path);
    done_.push_back(row.id);
    at = rows_.erase(at);
  }
}

}  // namespace baton::service
