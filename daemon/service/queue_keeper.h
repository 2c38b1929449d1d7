// task-queue.json: many writers who take no lock, and the daemon among them. Reading: only entries whose bytes changed are
// parsed, a bounded number per turn. Writing: by exchange; the displaced file is input like any other. docs/protocol.md, "The
// queue file".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/queue_file.h"
#include "protocol/readers.h"
#include "service/inputs.h"
#include "service/settling.h"
#include "service/world.h"

namespace baton::service {

/// A pass over one version of the queue file.
struct QueueScan {
  protocol::QueueFile file;
  platform::Stat stat;  // of the file when these bytes were read: it may be another's by now
  std::size_t next = 0;
  std::string displaced;      // name of the displaced file; empty = the queue file itself
  bool replaces = false;      // it was changed after we had read it: what it has is newer
  std::uint32_t pass = 0;     // marks what was met
  bool has_news = false;      // an entry was not known
  std::set<std::string> ids;  // of its entries; filled when an entry without id turns up
  bool ids_known = false;
};

class QueueKeeper {
 public:
  QueueKeeper(World& world, Inputs& inputs) : world_(world), inputs_(inputs), settling_(world.root) {}

  void restore(std::vector<store::QueueRow> rows, const std::map<std::string, std::string>& meta);
  /// Something happened to the file, or displaced files may lie about.
  void look() { look_ = true; }

  /// Reads what is new, a bounded number of entries per turn.
  void take(Turn& turn);
  bool more() const { return look_ || scan_.has_value(); }

  /// A task of the queue changed: its entry has to say so.
  void changed(const core::Task& task);
  /// Writes what is due; nothing when nothing is, or when the file cannot be written over now.
  Result<> write();
  /// The loop rests: what was kept for a write that is not due any more is given back.
  void rest() {
    if (!write_due()) held_.reset();
  }
  bool write_due() const { return !unreadable_ && (!due_.empty() || !salvaged_.empty()); }
  /// Merges and removes displaced files that nobody writes any more. What fails is tried again with the next call.
  Result<> tidy(Turn& turn);
  bool tidy_due() const { return !displaced_.empty() || (!merged_.empty() && salvaged_.empty()); }
  std::optional<std::int64_t> next_deadline() const { return settling_.next_deadline(); }
  /// What the journal should know with the next commit.
  void remember_into(store::Commit& commit);

 private:
  static constexpr std::string_view k_refused_prefix = "queue_refused:";  // in the journal's meta table
  using Members = std::vector<std::pair<std::string, std::string>>;

  struct Version {
    protocol::QueueFile file;
    platform::Stat stat;
  };
  std::optional<Version> read_file(const std::string& path, Turn& turn);
  /// The queue file itself: what the next version of it is met with.
  Result<protocol::QueueFile> parse_current(std::string bytes);
  void begin_scan(Version version, std::string displaced, bool replaces);
  void scan_some(Turn& turn);
  bool was_known(std::uint64_t hash);
  void meet(std::uint64_t hash, std::string task_id);
  void end_scan();
  void put_back_missing(const std::set<std::string>* among);
  bool is_trusted(const protocol::QueueEntry& entry, const protocol::TaskIn& in, Turn& turn);
  void scan_entry(const protocol::QueueEntry& entry, Turn& turn);
  std::string generated_id(const std::string& content_hash);
  void met_again(const std::string& task_id, const protocol::TaskIn& in, Turn& turn);
  void met_ended(const std::string& task_id, const core::EndedTask& ended, const protocol::TaskIn& in, Turn& turn);
  void command_by_hand(core::Verb verb, const std::string& task_id, Turn& turn);
  void arrive(protocol::TaskIn in, std::uint64_t hash, Turn& turn);
  void refuse_entry(const std::string& id, const std::string& key, Error error, Turn& turn);
  Error located(Error error) const;
  static bool same_content(const std::string& content_hash, const protocol::TaskIn& in);
  void refuse_other_content(const std::string& task_id, const protocol::TaskIn& in, Turn& turn);
  void refuse_file(const std::string& path, const Error& error, Turn& turn);
  static void say_rejected(const std::string& path, const Error& error, Turn& turn);
  void take_back_refusal(const std::string& path);
  void forget_refusals();
  void refused_moved(const std::unordered_map<std::uint64_t, std::uint64_t>& written);
  Result<> put_in_place(const std::vector<std::string_view>& pieces, const platform::Stat* old);
  Result<> remove_merged();
  bool is_read_version(const std::string& name, const platform::Identity& identity);
  Result<bool> look_at_displaced(const std::string& name, Turn& turn);
  Result<> reject_displaced(const std::string& name, const Error& error, Turn& turn);
  Members members(const core::Task& task) const;
  struct Salvaged {
    std::string bytes;
    bool replaces = false;  // the entry of that id in the file
  };
  struct Draft {
    std::vector<protocol::QueueEdit> edits;
    std::vector<std::string> appended;
  };
  Result<bool> version_to_change(protocol::QueueFile& file, std::optional<platform::Stat>& old);
  Result<Draft> draft(const protocol::QueueFile& file);
  void written();

  World& world_;
  Inputs& inputs_;
  Settling settling_;
  bool look_ = false;
  bool started_ = false;
  std::optional<QueueScan> scan_;
  std::optional<protocol::QueueFile> held_;  // the version with read_identity_, until it is written over
  bool whole_ = false;                       // every entry of the file was met since the start
  protocol::QueueOutline outline_;           // of the version read or written last
  std::uint64_t read_hash_ = 0;              // of the version read last, and its size
  std::size_t read_size_ = 0;
  platform::Identity read_identity_;     // of the version read or written last
  platform::Identity refused_identity_;  // of the version reported last
  bool error_file_ = false;
  struct Known {
    std::string task_id;      // "" = nothing of ours
    std::uint32_t since = 0;  // the pass that met it first: its equals in the same pass are new, too
    std::uint32_t pass = 0;   // the pass that met it last
  };
  std::unordered_map<std::uint64_t, Known> known_;  // hash of an entry that the file holds → its task
  std::unordered_map<std::uint64_t, Known> older_;  // the same of entries that only displaced files may still hold
  std::uint32_t last_pass_ = 0;
  std::unordered_map<std::uint64_t, std::vector<std::string>> nameless_;  // hash of an entry without id → ids in their order
  std::map<std::string, std::string> rows_;  // tasks that came by the queue file and are not final → the stamp we wrote last
  std::map<std::string, Members> due_;       // what entries have to say
  std::map<std::string, std::string> fresh_rows_;
  std::set<std::string> gone_rows_;
  std::map<std::string, std::uint64_t> refused_;  // what was reported → the entry that has it; 0 = not met since the start
  std::set<std::string> fresh_refused_;
  std::set<std::string> gone_refused_;
  std::set<std::string> displaced_;  // names, not merged yet
  std::vector<std::string> merged_;  // names, to be removed once the commit and all that was salvaged stand
  std::vector<Salvaged> salvaged_;   // entries that only a displaced file has, or has otherwise
  bool unreadable_ = false;          // the file is none that we may write over
  std::int64_t last_displaced_ = 0;
};

}  // namespace baton::service
