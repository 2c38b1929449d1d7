// Everything in the journal that is not a task: the outbox (feed lines, views that are due), inputs that were taken, what the
// queue file holds, jobs that run, and small facts by name.
#pragma once

#include <sqlite3.h>

#include "base/result.h"
#include "store/statement.h"
#include "store/store.h"

namespace baton::store {

class Ledger {
 public:
  Result<> prepare(sqlite3* db);
  /// All of `commit` but tasks, subtasks and documents.
  Result<> write(const Commit& commit);
  /// All of `loaded` but the live tasks.
  Result<> read(Loaded& loaded);

 private:
  Result<> write_inputs(const Commit& commit);
  Result<> write_feed(const Commit& commit);
  Result<> write_queue(const Commit& commit);
  Result<> read_inputs(Loaded& loaded);
  Result<> read_feed(Loaded& loaded);
  Result<> read_queue(Loaded& loaded);
  Result<> read_jobs(Loaded& loaded);
  Result<> write_masters(const Commit& commit);
  Result<> read_masters(Loaded& loaded);
  Result<> write_workers(const Commit& commit);
  Result<> read_workers(Loaded& loaded);
  Result<> write_durations(const Commit& commit);
  Result<> read_durations(Loaded& loaded);
  Result<> write_attention(const Commit& commit);
  Result<> read_attention(Loaded& loaded);
  Result<> read_names(Loaded& loaded);
  Result<std::int64_t> counter(std::string_view name);

  sqlite3* db_ = nullptr;
  Statement put_input_, drop_input_, put_feed_, drop_feed_, put_queue_, drop_queue_, put_job_, drop_job_, put_master_,
      drop_master_, put_duration_, put_worker_, drop_worker_, put_attention_, drop_attention_, put_view_, drop_view_, put_meta_,
      drop_meta_, raise_counter_;
  Statement inputs_, feed_, queue_, jobs_, masters_, durations_, workers_, attention_, views_, meta_, counter_;
};

}  // namespace baton::store
