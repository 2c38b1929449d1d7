#include "store/ledger.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/error.h"
#include "store/sql.h"

namespace baton::store {
namespace {

// SQLite's integers are signed; an inode keeps its bits.
std::int64_t signed_bits(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t unsigned_bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

Result<> Ledger::prepare(sqlite3* db) {
  db_ = db;
  const std::pair<Statement*, std::string> statements[] = {
      {&put_input_,
       "INSERT OR REPLACE INTO input(id, path, inode, mtime_ns, size, folder, sidecar_path, sidecar) "
       "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"},
      {&drop_input_, "DELETE FROM input WHERE id = ?"},
      {&put_feed_, "INSERT INTO feed(seq, line, inode, offset) VALUES(?, ?, ?, ?)"},
      {&drop_feed_, "DELETE FROM feed WHERE seq <= ?"},
      {&put_queue_, "INSERT OR REPLACE INTO queue(task_id, stamp) VALUES(?, ?)"},
      {&drop_queue_, "DELETE FROM queue WHERE task_id = ?"},
      {&put_job_, "INSERT OR REPLACE INTO job(name, mark, boot_id) VALUES(?, ?, ?)"},
      {&drop_job_, "DELETE FROM job WHERE name = ?"},
      {&put_master_, sql::insert("master", {"name"}, sql::master_columns(), "INSERT OR REPLACE")},
      {&drop_master_, "DELETE FROM master WHERE name = ?"},
      {&put_duration_, "INSERT OR REPLACE INTO duration(worker_type, master, samples, mean_ms) VALUES(?, ?, ?, ?)"},
      {&put_worker_, sql::insert("worker", {"subtask_id"}, sql::worker_columns(), "INSERT OR REPLACE")},
      {&drop_worker_, "DELETE FROM worker WHERE subtask_id = ?"},
      {&put_attention_, "INSERT OR REPLACE INTO attention(task_id, subtask_id, reason, master, message) VALUES(?, ?, ?, ?, ?)"},
      {&drop_attention_, "DELETE FROM attention WHERE task_id = ? AND subtask_id = ? AND reason = ? AND master = ?"},
      {&put_view_, "INSERT OR IGNORE INTO view_due(task_id) VALUES(?)"},
      {&drop_view_, "DELETE FROM view_due WHERE task_id = ?"},
      {&put_meta_, "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)"},
      {&drop_meta_, "DELETE FROM meta WHERE name = ?"},
      {&raise_counter_, "UPDATE counter SET value = ?1 WHERE name = ?2 AND value < ?1"},
      {&inputs_, "SELECT id, path, inode, mtime_ns, size, folder, sidecar_path, sidecar FROM input ORDER BY id"},
      {&feed_, "SELECT seq, line, inode, offset FROM feed ORDER BY seq"},
      {&queue_, "SELECT task_id, stamp FROM queue ORDER BY task_id"},
      {&jobs_, "SELECT name, mark, boot_id FROM job ORDER BY name"},
      {&masters_, "SELECT name, " + sql::list("master", sql::master_columns()) + " FROM master ORDER BY name"},
      {&durations_, "SELECT worker_type, master, samples, mean_ms FROM duration"},
      {&workers_, "SELECT subtask_id, " + sql::list("worker", sql::worker_columns()) + " FROM worker ORDER BY subtask_id"},
      {&attention_,
       "SELECT task_id, subtask_id, reason, master, message FROM attention ORDER BY task_id, subtask_id, reason, master"},
      {&views_, "SELECT task_id FROM view_due ORDER BY task_id"},
      {&meta_, "SELECT name, value FROM meta"},
      {&counter_, "SELECT value FROM counter WHERE name = ?"},
  };
  for (const auto& [statement, sql] : statements) TRY(statement->prepare(db, sql));
  return {};
}

Result<> Ledger::write(const Commit& commit) {
  TRY(write_inputs(commit));
  TRY(write_feed(commit));
  TRY(write_queue(commit));
  for (const std::string& name : commit.jobs_gone) TRY(drop_job_.run(std::string_view(name)));
  for (const JobRow& row : commit.jobs)
    TRY(put_job_.run(std::string_view(row.name), std::string_view(row.mark), std::string_view(row.boot_id)));
  TRY(write_masters(commit));
  TRY(write_durations(commit));
  TRY(write_workers(commit));
  TRY(write_attention(commit));
  for (const std::string& id : commit.views_due) TRY(put_view_.run(std::string_view(id)));
  for (const std::string& id : commit.views_done) TRY(drop_view_.run(std::string_view(id)));
  for (const auto& [name, value] : commit.meta) TRY(put_meta_.run(std::string_view(name), std::string_view(value)));
  for (const std::string& name : commit.meta_gone) TRY(drop_meta_.run(std::string_view(name)));
  return {};
}

Result<> Ledger::write_masters(const Commit& commit) {
  for (const core::MasterRecord& record : commit.masters) {
    if (record.is_well()) {
      TRY(drop_master_.run(std::string_view(record.name)));
      continue;
    }
    Binder columns{put_master_};
    put_master_.bind(std::string_view(record.name));
    visit_master(record, columns);
    TRY(put_master_.finish());
  }
  return {};
}

Result<> Ledger::write_durations(const Commit& commit) {
  for (const auto& [key, duration] : commit.durations)
    TRY(put_duration_.run(std::string_view(key.first), std::string_view(key.second), duration.samples, duration.mean_ms));
  return {};
}

Result<> Ledger::write_workers(const Commit& commit) {
  for (const std::string& subtask_id : commit.workers_gone) TRY(drop_worker_.run(std::string_view(subtask_id)));
  for (const core::WorkerRecord& record : commit.workers) {
    Binder columns{put_worker_};
    put_worker_.bind(std::string_view(record.subtask_id));
    visit_worker(record, columns);
    TRY(put_worker_.finish());
  }
  return {};
}

Result<> Ledger::write_attention(const Commit& commit) {
  for (const auto& [about, up] : commit.attention) {
    const std::string_view task(about.task_id), subtask(about.subtask_id), reason(about.reason), master(about.master);
    if (up)
      TRY(put_attention_.run(task, subtask, reason, master, std::string_view(about.message)));
    else
      TRY(drop_attention_.run(task, subtask, reason, master));
  }
  return {};
}

Result<> Ledger::write_inputs(const Commit& commit) {
  for (const InputRow& row : commit.inputs)
    TRY(put_input_.run(row.id, std::string_view(row.path), signed_bits(row.identity.inode), row.identity.mtime_ns,
                       row.identity.size, std::string_view(row.folder), std::string_view(row.sidecar_path),
                       std::string_view(row.sidecar)));
  if (commit.inputs_done.empty()) return {};
  for (const std::int64_t id : commit.inputs_done) TRY(drop_input_.run(id));
  const std::int64_t highest = *std::max_element(commit.inputs_done.begin(), commit.inputs_done.end());
  return raise_counter_.run(highest, std::string_view("inputs_done"));
}

Result<> Ledger::write_feed(const Commit& commit) {
  for (const FeedRow& row : commit.feed)
    TRY(put_feed_.run(row.seq, std::string_view(row.line), signed_bits(row.inode), row.offset));
  if (commit.feed_synced == 0) return {};
  TRY(drop_feed_.run(commit.feed_synced));
  return raise_counter_.run(commit.feed_synced, std::string_view("feed_synced"));
}

Result<> Ledger::write_queue(const Commit& commit) {
  for (const QueueRow& row : commit.queue) TRY(put_queue_.run(std::string_view(row.task_id), std::string_view(row.stamp)));
  for (const std::string& id : commit.queue_gone) TRY(drop_queue_.run(std::string_view(id)));
  return {};
}

Result<> Ledger::read(Loaded& loaded) {
  TRY_VALUE(loaded.totals.tasks, counter("tasks"));
  TRY_VALUE(loaded.totals.completed, counter("tasks.completed"));
  TRY_VALUE(loaded.totals.failed, counter("tasks.failed"));
  TRY_VALUE(loaded.totals.cancelled, counter("tasks.cancelled"));
  TRY(read_inputs(loaded));
  TRY(read_feed(loaded));
  TRY(read_queue(loaded));
  TRY(read_jobs(loaded));
  TRY(read_masters(loaded));
  TRY(read_durations(loaded));
  TRY(read_workers(loaded));
  TRY(read_attention(loaded));
  return read_names(loaded);
}

Result<std::int64_t> Ledger::counter(std::string_view name) {
  Query query(counter_, name);
  TRY_VALUE(const bool found, query.next());
  return found ? counter_.integer(0) : 0;
}

Result<> Ledger::read_inputs(Loaded& loaded) {
  TRY_VALUE(loaded.last_input_id, counter("inputs_done"));
  Query query(inputs_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    InputRow& row = loaded.inputs.emplace_back();
    row.id = inputs_.integer(0);
    row.path = inputs_.text(1);
    row.identity = {unsigned_bits(inputs_.integer(2)), inputs_.integer(3), inputs_.integer(4)};
    row.folder = inputs_.text(5);
    row.sidecar_path = inputs_.text(6);
    row.sidecar = inputs_.text(7);
    loaded.last_input_id = std::max(loaded.last_input_id, row.id);
  }
}

Result<> Ledger::read_feed(Loaded& loaded) {
  TRY_VALUE(loaded.last_seq, counter("feed_synced"));
  Query query(feed_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    FeedRow& row = loaded.feed.emplace_back();
    row.seq = feed_.integer(0);
    row.line = feed_.text(1);
    row.inode = unsigned_bits(feed_.integer(2));
    row.offset = feed_.integer(3);
    loaded.last_seq = std::max(loaded.last_seq, row.seq);
  }
}

Result<> Ledger::read_queue(Loaded& loaded) {
  Query query(queue_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    QueueRow& row = loaded.queue.emplace_back();
    row.task_id = queue_.text(0);
    row.stamp = queue_.text(1);
  }
}

Result<> Ledger::read_jobs(Loaded& loaded) {
  Query query(jobs_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    loaded.jobs.push_back({std::string(jobs_.text(0)), std::string(jobs_.text(1)), std::string(jobs_.text(2))});
  }
}

Result<> Ledger::read_masters(Loaded& loaded) {
  Query query(masters_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::MasterRecord& record = loaded.masters.emplace_back();
    Reader reader{masters_, 1};
    record.name = masters_.text(0);
    visit_master(record, reader);
    if (!reader.damaged.empty())
      return fail_damaged(path_of(db_),
                          "column " + reader.damaged + " of master " + record.name + " holds what no version of it means");
  }
}

Result<> Ledger::read_workers(Loaded& loaded) {
  Query query(workers_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::WorkerRecord& record = loaded.workers.emplace_back();
    Reader reader{workers_, 1};
    record.subtask_id = workers_.text(0);
    visit_worker(record, reader);
    if (!reader.damaged.empty())
      return fail_damaged(path_of(db_), "column " + reader.damaged + " of the worker of " + record.subtask_id +
                                            " holds what no version of it means");
  }
}

Result<> Ledger::read_durations(Loaded& loaded) {
  Query query(durations_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::DurationKey key{durations_.text(0), durations_.text(1)};
    loaded.durations[std::move(key)] = {durations_.integer(2), durations_.integer(3)};
  }
}

Result<> Ledger::read_attention(Loaded& loaded) {
  Query query(attention_);
  while (true) {
    TRY_VALUE(const bool found, query.next());
    if (!found) return {};
    core::Attention& about = loaded.attention.emplace_back();
    about.task_id = attention_.text(0);
    about.subtask_id = attention_.text(1);
    about.reason = attention_.text(2);
    about.master = attention_.text(3);
    about.message = attention_.text(4);
  }
}

Result<> Ledger::read_names(Loaded& loaded) {
  Query views(views_);
  while (true) {
    TRY_VALUE(const bool found, views.next());
    if (!found) break;
    loaded.views_due.emplace_back(views_.text(0));
  }
  Query meta(meta_);
  while (true) {
    TRY_VALUE(const bool found, meta.next());
    if (!found) return {};
    loaded.meta.emplace(meta_.text(0), meta_.text(1));
  }
}

}  // namespace baton::store
