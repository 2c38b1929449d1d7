#include "service/inputs.h"

#include <algorithm>

#include "protocol/paths.h"
#include "protocol/readers.h"
#include "protocol/verdict.h"
#include "protocol/writers.h"
#include "service/filing.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_max_spec_bytes = 1 << 20;

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

store::InputRow new_row(std::int64_t id, const std::string& path, const platform::Identity& identity) {
  store::InputRow row;
  row.id = id;
  row.path = path;
  row.identity = identity;
  return row;
}

bool stays(const store::InputRow& row) { return row.folder.empty() && row.sidecar_path.empty(); }

/// What its filing has changed.
std::vector<std::string> folders_of(const store::InputRow& row) {
  std::vector<std::string> folders{folder_of(row.path)};
  if (!row.folder.empty()) folders.push_back(row.folder);
  if (!row.sidecar_path.empty()) folders.push_back(folder_of(row.sidecar_path));
  return folders;
}

constexpr std::int64_t k_sync_first_ms = 1'000;  // back-off while a folder cannot be synced
constexpr std::int64_t k_sync_last_ms = 60'000;

}  // namespace

void Inputs::restore(std::vector<store::InputRow> rows, std::int64_t last_id) {
  last_id_ = last_id;
  for (auto& row : rows) {
    if (stays(row)) {
      left_[row.path] = {row.id, row.identity};
      continue;
    }
    by_path_[row.path] = row.id;
    due_.push_back(row.id);
    rows_.emplace(row.id, std::move(row));
  }
}

core::InputRef Inputs::take(InputKind kind, const std::string& path, const platform::Identity& identity, std::string bytes) {
  const std::int64_t id = ++last_id_;
  taken_.emplace(id, Taken{kind, path, identity, std::move(bytes)});
  return {id, path};
}

bool Inputs::known(const std::string& path, const platform::Identity& identity) const {
  if (const auto at = left_.find(path); at != left_.end() && at->second.identity == identity) return true;
  if (const auto at = held_.find(path); at != held_.end() && at->second == identity) return true;
  const auto at = by_path_.find(path);
  return at != by_path_.end() && rows_.at(at->second).identity == identity;
}

void Inputs::hold(const core::InputRef& input) {
  const Taken& taken = taken_.at(input.id);
  held_[taken.path] = taken.identity;
}

InputKind Inputs::kind(const core::InputRef& input) const { return taken_.at(input.id).kind; }

store::InputRow Inputs::row_of(const core::InputRef& input) const {
  const Taken& taken = taken_.at(input.id);
  return new_row(input.id, taken.path, taken.identity);
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
  if (at->second.kind == InputKind::worker) return leave(input, turn);  // where its worker has put it
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
  if (kind == InputKind::command)  // nobody has understood it, so its answer does not hold all of it
    return answer_into({input, false, error.hint.empty() ? error.message : error.message + "; " + error.hint},
                       std::string(paths::k_commands_done), turn);
  store::InputRow row = row_of(input);
  row.folder = refused_folder(kind, row.path);
  const std::string name = kind == InputKind::queue_entry ? std::string(paths::k_queue) : name_of(row.path);
  row.sidecar = protocol::write_reason(name, error, world_.now.wall_ms);
  row.sidecar_path = kind == InputKind::queue_entry ? row.path : paths::join(row.folder, paths::error_name(name));
  remember(std::move(row), turn);
}

void Inputs::answer(const core::AnswerCommand& answer, Turn& turn) { answer_into(answer, {}, turn); }

void Inputs::answer_into(const core::AnswerCommand& answer, const std::string& keep_in, Turn& turn) {
  const auto at = taken_.find(answer.input.id);
  if (at == taken_.end()) return;
  store::InputRow row = row_of(answer.input);
  if (const auto held = held_.find(row.path); held != held_.end() && held->second == row.identity) held_.erase(held);
  row.folder = keep_in;
  row.sidecar_path = paths::join(paths::k_commands_done, name_of(row.path));
  row.sidecar =
      protocol::write_answer(at->second.bytes, answer.ok, answer.message, row.identity, world_.now.wall_ms, answer.findings);
  remember(std::move(row), turn);
}

/// Its files are about something else by now.
bool Inputs::names_another(const core::RetireWorker& worker) {
  if (worker.only_of.empty()) return false;
  const auto spec = world_.files.read(paths::worker_spec(paths::k_workers_active, worker.worker_id), k_max_spec_bytes);
  const auto said =
      spec ? protocol::read_worker_spec(spec->bytes) : Result<protocol::WorkerIn>(tl::make_unexpected(spec.error()));
  if (!said) return spec.has_value() || spec.error().code != ErrorCode::not_found;
  const core::Subtask* named = world_.core.find_subtask(said->subtask_id);  // nullptr: it has ended, too
  return (named == nullptr ? said->subtask_id : named->spec.id) != worker.only_of;
}

void Inputs::retire(const core::RetireWorker& worker, Turn& turn) {
  if (names_another(worker)) return;
  std::string verdict;  // goes with the first file that there is: its spec, if it has one
  if (worker.verdict) verdict = protocol::write_verdict(worker.worker_id, *worker.verdict, world_.now.wall_ms);
  for (const char* ending : {".json", ".pid", ".heartbeat"}) {
    const std::string path = paths::join(paths::k_workers_active, worker.worker_id + ending);
    const auto lies = world_.files.stat(path);
    if (!lies || (by_path_.contains(path) && known(path, lies->identity))) continue;
    store::InputRow row = new_row(++last_id_, path, lies->identity);
    row.folder = paths::join(paths::k_workers, worker.folder);
    if (!verdict.empty()) {
      row.sidecar = std::exchange(verdict, {});
      row.sidecar_path = paths::join(row.folder, paths::verdict_name(worker.worker_id));
    }
    leave_lazily(paths::join(row.folder, name_of(path)), lies->identity);  // filed by us: nobody's answer
    remember(std::move(row), turn);
  }
}

/// The row of a document that stays; a newer one at the same place takes it over.
std::int64_t Inputs::left_at(const std::string& path, const platform::Identity& identity) {
  const auto [at, fresh] = left_.try_emplace(path);
  if (fresh) at->second.id = ++last_id_;
  at->second.identity = identity;
  return at->second.id;
}

void Inputs::leave(const core::InputRef& input, Turn& turn) {
  const auto at = taken_.find(input.id);
  const auto [kind, path, identity, bytes] = std::move(at->second);
  taken_.erase(at);
  turn.commit.inputs.push_back(new_row(left_at(path, identity), path, identity));
  fresh_left_.erase(path);
}

void Inputs::leave_lazily(const std::string& path, const platform::Identity& identity) {
  left_at(path, identity);
  fresh_left_.insert(path);
}

void Inputs::vanished(const std::string& path) {
  const auto at = left_.find(path);
  if (at == left_.end()) return;
  done_.push_back(at->second.id);
  fresh_left_.erase(path);
  left_.erase(at);
}

void Inputs::keep_only(const std::string& folder, const std::vector<platform::Entry>& entries) {
  const std::string front = folder + "/";
  std::vector<std::string> gone;
  for (auto at = left_.lower_bound(front); at != left_.end() && at->first.starts_with(front); ++at) {
    const std::string_view name = std::string_view(at->first).substr(front.size());
    if (name.find('/') == std::string_view::npos && !std::ranges::binary_search(entries, name, {}, &platform::Entry::name))
      gone.push_back(at->first);
  }
  for (const std::string& path : gone) vanished(path);
}

std::vector<std::string> Inputs::file() {
  std::vector<std::string> again;
  std::vector<std::int64_t> later;
  for (const std::int64_t id : std::exchange(due_, {})) {
    const store::InputRow& row = rows_.at(id);
    auto filed = file_one(row);
    if (!filed) {
      log::warn({"cannot file ", row.path, ": ", filed.error().message});
      later.push_back(id);
      continue;
    }
    if (!filed->empty()) again.push_back(*filed);
    if (const auto at = by_path_.find(row.path); at != by_path_.end() && at->second == id) by_path_.erase(at);
    filed_.push_back(id);
    for (const std::string& folder : folders_of(row)) unsynced_.try_emplace(folder);
  }
  due_ = std::move(later);
  return again;
}

Result<> Inputs::sync() {
  Result<> done = drop_originals();  // their folders are synced after it
  for (auto at = unsynced_.begin(); at != unsynced_.end();) {
    auto& [folder, unsynced] = *at;
    if (unsynced.pause.due(world_.now.boot_ms)) {
      const auto synced = world_.files.sync(folder);
      if (synced || synced.error().code == ErrorCode::not_found) {
        at = unsynced_.erase(at);
        continue;
      }
      unsynced.pause.failed(world_.now.boot_ms, k_sync_first_ms, k_sync_last_ms);
      unsynced.why = synced.error();
    }
    if (done || unsynced.why.code == ErrorCode::no_space) done = tl::make_unexpected(unsynced.why);
    ++at;
  }
  forget_filed();
  return done;
}

void Inputs::forget_filed() {
  std::erase_if(filed_, [this](std::int64_t id) {
    const auto row = rows_.find(id);
    if (originals_.contains(id)) return false;
    if (std::ranges::any_of(folders_of(row->second), [this](const std::string& each) { return unsynced_.contains(each); }))
      return false;
    rows_.erase(row);
    done_.push_back(id);
    return true;
  });
}

std::optional<std::int64_t> Inputs::next_sync() const {
  std::optional<std::int64_t> next;
  const auto consider = [&next](const Backoff& pause) {
    if (pause.at_ms != 0) next = std::min(next.value_or(pause.at_ms), pause.at_ms);
  };
  for (const auto& [folder, unsynced] : unsynced_) consider(unsynced.pause);
  for (const auto& [id, original] : originals_) consider(original.pause);
  return next;
}

void Inputs::remember_into(store::Commit& commit) {
  for (const std::string& path : std::exchange(fresh_left_, {})) {
    const Left& left = left_.at(path);
    commit.inputs.push_back(new_row(left.id, path, left.identity));
  }
  commit.inputs_done.insert(commit.inputs_done.end(), done_.begin(), done_.end());
  done_.clear();
}

}  // namespace baton::service
