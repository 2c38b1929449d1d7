// Documents from outside that were taken: what becomes of each, remembered by its identity (inode, mtime, size), so that it
// counts exactly once and is filed even after a crash. docs/protocol.md, "Taking, filing, refusing".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/effect.h"
#include "platform/files.h"
#include "service/backoff.h"
#include "service/world.h"
#include "store/store.h"

namespace baton::service {

enum class InputKind { drop, result, handoff, worker, command, queue_entry };

class Inputs {
 public:
  explicit Inputs(World& world) : world_(world) {}

  /// Puts back the rows of an earlier run.
  void restore(std::vector<store::InputRow> rows, std::int64_t last_id);

  /// Takes a document for this turn. `bytes`: a command's own text, needed for its answer.
  core::InputRef take(InputKind kind, const std::string& path, const platform::Identity& identity, std::string bytes = {});

  /// Already taken with this very identity, and not filed yet, or left where it is: it must not count again.
  bool known(const std::string& path, const platform::Identity& identity) const;
  /// With any identity.
  bool holds(const std::string& path) const { return left_.contains(path) || by_path_.contains(path); }

  // Turn what was decided into rows of the commit.
  void accept(const core::InputRef& input, Turn& turn);
  void refuse(const core::InputRef& input, const Error& error, Turn& turn);
  void answer(const core::AnswerCommand& answer, Turn& turn);
  /// A worker has ended: what lies of it in active/ goes to this folder of worker-specs/, with the verdict on it.
  void retire(const core::RetireWorker& worker, Turn& turn);
  InputKind kind(const core::InputRef& input) const;
  /// It is answered in a later turn: until then it is known.
  void hold(const core::InputRef& input);

  // Documents that stay where they are.
  void leave(const core::InputRef& input, Turn& turn);
  /// The same, remembered with the next commit, whatever that is about.
  void leave_lazily(const std::string& path, const platform::Identity& identity);
  bool is_left(const std::string& path) const { return left_.contains(path); }
  /// Nothing lies there any more.
  void vanished(const std::string& path);
  /// What is left in this folder and not among the names in it (sorted) has vanished.
  void keep_only(const std::string& folder, const std::vector<platform::Entry>& entries);

  /// After the commit: files everything that is due. Paths whose content turned out to be another one are returned: new input.
  std::vector<std::string> file();
  /// Syncs the folders that were filed into; the rows of what lies in them go with the next commit. One that cannot be synced
  /// holds back only its own, and is tried again after a pause: the error is that of the last attempt.
  Result<> sync();
  /// boot_ms of the next attempt after a failure.
  std::optional<std::int64_t> next_sync() const;
  bool retry_due() const { return !due_.empty(); }
  /// Rows that are new, and rows that are no longer needed.
  void remember_into(store::Commit& commit);
  /// There are such rows. Until they are committed, a file that is moved back by hand would be taken for one that was not filed.
  bool owes_journal() const { return !done_.empty() || !fresh_left_.empty(); }

 private:
  bool names_another(const core::RetireWorker& worker);
  struct Taken {
    InputKind kind = InputKind::drop;
    std::string path;
    platform::Identity identity;
    std::string bytes;
  };
  struct Unsynced {
    Backoff pause;
    Error why;
  };
  struct Original {  // of a spec that was written anew, until the new one is safe
    std::string aside, copy;
    Backoff pause{};
  };
  struct Left {
    std::int64_t id = 0;
    platform::Identity identity;
  };
  store::InputRow row_of(const core::InputRef& input) const;
  void answer_into(const core::AnswerCommand& answer, const std::string& keep_in, Turn& turn);
  std::int64_t left_at(const std::string& path, const platform::Identity& identity);
  void remember(store::InputRow row, Turn& turn);
  void forget_filed();
  Result<std::string> file_one(const store::InputRow& row);
  Result<std::string> file_command(const store::InputRow& row);
  Result<> write_answer(const store::InputRow& row);
  Result<bool> put_new(const store::InputRow& row, const std::string& path, const std::string& bytes,
                       const platform::Stat* like = nullptr);
  Result<bool> put_sidecar(const store::InputRow& row, const std::string& path) { return put_new(row, path, row.sidecar); }
  Result<std::string> move_with_reason(const store::InputRow& row);
  Result<std::string> give_back(const store::InputRow& row, const std::string& target);
  // inputs_verdict.cc
  Result<std::string> file_with_verdict(const store::InputRow& row);
  Result<bool> take_aside(const store::InputRow& row, const std::string& aside);
  void know_again(const store::InputRow& row);
  Result<std::string> put_beside(const store::InputRow& row, const std::string& aside);
  Result<std::string> return_to_worker(const store::InputRow& row, const std::string& aside);
  Result<> drop_originals();
  Result<> drop(const store::InputRow& row, const Original& original);

  World& world_;
  std::map<std::int64_t, Taken> taken_;             // of this turn, and those that are held
  std::map<std::string, platform::Identity> held_;  // by path
  std::map<std::int64_t, store::InputRow> rows_;    // remembered and not forgotten
  std::map<std::string, std::int64_t> by_path_;     // of rows that are not filed
  std::map<std::string, Left, std::less<>> left_;   // by path
  std::set<std::string> fresh_left_;                // of these: not in the journal yet
  std::vector<std::int64_t> due_;                   // to be filed after the commit
  std::vector<std::int64_t> filed_;                 // filed, folder not synced
  std::map<std::string, Unsynced> unsynced_;        // by folder
  std::map<std::int64_t, Original> originals_;      // by row
  std::vector<std::int64_t> done_;                  // to be deleted with the next commit
  std::int64_t last_id_ = 0;
};

}  // namespace baton::service
