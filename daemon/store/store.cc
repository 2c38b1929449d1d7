#include "store/store.h"

#include <sqlite3.h>

#include <string_view>
#include <unordered_map>
#include <utility>

#include "store/connection.h"
#include "store/error.h"
#include "store/ledger.h"
#include "store/tasks.h"

namespace baton::store {
namespace {

constexpr int k_pages_worth_it = 100;   // what an idle moment is used for
constexpr int k_pages_at_most = 1'000;  // 4 MB of log

// The tasks that this commit carries as a whole, to find the place of a subtask that is new.
class Owners {
 public:
  explicit Owners(const Commit& commit) : commit_(commit) {}
  const core::Task* find(const std::string& task_id) {
    if (by_id_.empty())
      for (const core::Task* task : commit_.tasks) by_id_.emplace(task->spec.id, task);
    const auto found = by_id_.find(task_id);
    return found == by_id_.end() ? nullptr : found->second;
  }

 private:
  const Commit& commit_;
  std::unordered_map<std::string_view, const core::Task*> by_id_;
};

}  // namespace

bool Commit::empty() const {
  return created.empty() && tasks.empty() && subtasks.empty() && rewired.empty() && durations.empty() && masters.empty() &&
         workers.empty() && workers_gone.empty() && attention.empty() && documents.empty() && inputs.empty() &&
         inputs_done.empty() && feed.empty() && feed_synced == 0 && queue.empty() && queue_gone.empty() && jobs.empty() &&
         jobs_gone.empty() && views_due.empty() && views_done.empty() && meta.empty() && meta_gone.empty();
}

struct Store::Impl {
  Connection db;  // declared first: statements end before their connection
  Statement begin, end, undo;
  TaskTable tasks;
  Ledger ledger;
  int log_pages = 0;

  Result<> prepare();
  Result<> write(const Commit& commit);
  Result<> write_tasks(const Commit& commit);
  void roll_back();
};

Result<> Store::Impl::prepare() {
  TRY(begin.prepare(db.get(), "BEGIN IMMEDIATE"));
  TRY(end.prepare(db.get(), "COMMIT"));
  TRY(undo.prepare(db.get(), "ROLLBACK"));
  TRY(tasks.prepare(db.get()));
  TRY(ledger.prepare(db.get()));
  const auto count_pages = [](void* pages, sqlite3*, const char*, int in_log) {
    *static_cast<int*>(pages) = in_log;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db.get(), count_pages, &log_pages);
  return {};
}

Result<> Store::Impl::write(const Commit& commit) {
  TRY(begin.run());
  TRY(write_tasks(commit));
  TRY(ledger.write(commit));
  return end.run();
}

Result<> Store::Impl::write_tasks(const Commit& commit) {
  Owners owners(commit);
  for (const core::Task* task : commit.created) TRY(tasks.insert(*task));
  for (const core::Task* task : commit.tasks) TRY(tasks.update(*task));
  for (const core::Subtask* subtask : commit.subtasks) {
    TRY_VALUE(const bool known, tasks.update(*subtask));
    if (!known) TRY(tasks.insert(*subtask, owners.find(subtask->task_id)));
  }
  for (const core::Subtask* subtask : commit.rewired) TRY(tasks.rewire(*subtask));
  for (const auto& [task_id, bytes] : commit.documents) TRY(tasks.put_document(task_id, bytes));
  return {};
}

// SQLite has rolled back by itself after some failures; an error here changes nothing for the caller, who has a worse one.
void Store::Impl::roll_back() {
  if (sqlite3_get_autocommit(db.get()) == 0) static_cast<void>(undo.run());
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Result<Store> Store::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  TRY_VALUE(impl->db, open_connection(path));
  TRY(impl->prepare());
  return Store(std::move(impl));
}

Result<Loaded> Store::load() {
  Loaded loaded;
  TRY_VALUE(loaded.live, impl_->tasks.live());
  TRY(impl_->ledger.read(loaded));
  return loaded;
}

Result<> Store::commit(const Commit& commit) {
  if (commit.empty()) return {};
  Result<> written = impl_->write(commit);
  if (!written) impl_->roll_back();
  return written;
}

Result<std::optional<core::EndedTask>> Store::ended(const std::string& task_id) { return impl_->tasks.ended(task_id); }

Result<std::optional<core::Task>> Store::load_task(const std::string& task_id) { return impl_->tasks.ended_task(task_id); }

Result<std::vector<std::string>> Store::taken(const std::vector<std::string>& ids) {
  std::vector<std::string> taken;
  for (const std::string& id : ids) {
    TRY_VALUE(const bool is_taken, impl_->tasks.is_taken(id));
    if (is_taken) taken.push_back(id);
  }
  return taken;
}

Result<std::optional<core::EndedTask>> Store::task_of_subtask(const std::string& subtask_id) {
  return impl_->tasks.ended_of_subtask(subtask_id);
}

Result<std::string> Store::document(const std::string& task_id) { return impl_->tasks.document(task_id); }

Result<> Store::checkpoint(bool idle) {
  if (impl_->log_pages < (idle ? k_pages_worth_it : k_pages_at_most)) return {};
  if (sqlite3_wal_checkpoint_v2(impl_->db.get(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) != SQLITE_OK)
    return fail_sqlite(impl_->db.get(), "checkpoint");
  impl_->log_pages = 0;
  return {};
}

bool says(const std::string& path, std::string_view name, std::string_view value) {
  auto db = open_to_read(path);
  Statement row;
  if (!db || !row.prepare(db->get(), "SELECT 1 FROM meta WHERE name = ?1 AND value = ?2")) return false;
  row.bind(name);
  row.bind(value);
  return row.step().value_or(false);
}

Result<> Store::copy_to(const std::string& path) { return copy_database(impl_->db.get(), path); }

Result<bool> Store::moved() {
  int moved = 0;
  if (sqlite3_file_control(impl_->db.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK)
    return fail_sqlite(impl_->db.get(), "look at");
  return moved != 0;
}

// The old connection goes only when the copy is open. What it leaves may be kept by somebody under another name: it is made
// whole.
Result<> Store::write_anew(const std::string& path) {
  TRY(replace_by_copy(impl_->db.get(), path));
  TRY_VALUE(Store fresh, open(path));
  static_cast<void>(close());
  *this = std::move(fresh);
  return {};
}

Result<> Store::close() {
  sqlite3_wal_hook(impl_->db.get(), nullptr, nullptr);
  Connection db = std::move(impl_->db);
  impl_.reset();
  return close_connection(std::move(db));
}

}  // namespace baton::store
