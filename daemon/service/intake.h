// The world → events. Notices only say which name to look at; what counts is what lies there when it is looked at.
// intake_folders.cc says which; one file per kind of folder: intake_tasks.cc, intake_handoffs.cc, intake_workers.cc,
// intake_commands.cc.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/watch.h"
#include "protocol/paths.h"
#include "protocol/spec_reader.h"
#include "service/archive.h"
#include "service/backoff.h"
#include "service/backup.h"
#include "service/catalogue.h"
#include "service/handoff_files.h"
#include "service/inputs.h"
#include "service/jobs.h"
#include "service/queue_keeper.h"
#include "service/settling.h"
#include "service/standing_reasons.h"
#include "service/views.h"
#include "service/workers.h"
#include "service/world.h"

namespace baton::service {

class Intake {
 public:
  /// `signs` watches worker-specs/active, `watch` everything else.
  Intake(World& world, platform::Watch& watch, platform::Watch& signs, Inputs& inputs, HandoffFiles& handoffs, QueueKeeper& queue,
         Views& views, Jobs& jobs, Archive& archive, Backups& backups, Workers& workers);

  /// Makes the folders that are missing, watches all and lists them. Again after an overflow.
  void start(Turn& turn);
  void notice(const platform::Notice& notice);
  void look_again(const std::string& path);
  void reload() { catalogue_due_ = true; }
  void list_again() { relist_ = true; }

  /// Takes what is there, a bounded amount per turn, and tells the core.
  void take(Turn& turn);
  bool more() const { return !todo_.empty() || !wishes_.empty() || !unread_.empty() || catalogue_due_ || relist_; }
  std::optional<std::int64_t> next_deadline() const;

 private:
  enum class How {
    renamed,
    written,
    listed,
    due,  // it had to wait, for its writer or for its turn
    gone
  };
  struct Item {
    std::string folder;
    std::string name;
    How how = How::listed;
  };
  struct Sign {  // of a worker, as it was seen last
    platform::Identity identity;
    std::int64_t arrived = 0;  // mono_ms
  };
  void add(std::string folder, std::string name, How how);
  std::deque<Item>& queue_of(const std::string& folder);
  void look_at_some(std::deque<Item>& items, int most, Turn& turn);
  /// It is about a subtask that nobody knows: one whose task came before it and is still to be read?
  bool is_early(const std::string& subtask_id) const;
  void put_off(const std::string& path, How how);
  Result<> watch_folder(const std::string& folder);
  void note_watched(const Result<>& watched);
  void list_folder(const std::string& folder);
  void look_for_missing();
  void watch_all();
  void list_all();
  void list_master(const std::string& master);
  std::vector<std::string> watched_folders() const;
  /// "masters/<m>/handoffs[/claimed]" → m; empty when it is no such folder.
  static std::string master_of(std::string_view folder);
  void look(const Item& item, Turn& turn);
  /// False when a file was invalid; its last good version stays.
  bool read_catalogue(Turn& turn, bool at_start);

  // intake_tasks.cc
  void look_at_drop(const Item& item, Turn& turn);
  void take_drop(const std::string& path, const std::string& name, How how, Turn& turn);
  void arrive(const core::InputRef& input, const std::string& name, const std::string& bytes, std::vector<protocol::TaskIn> tasks,
              Turn& turn);
  Result<> trust(const platform::Content& content, const std::vector<protocol::TaskIn>& tasks);
  void take_known_hash(protocol::TaskIn& in);
  void say_where(std::string_view bytes, const std::vector<protocol::TaskIn>& tasks, std::span<core::Effect> effects);
  std::string free_id(const std::string& stem, const protocol::TaskIn& in, const std::set<std::string>& given);
  // intake_handoffs.cc
  void look_at_handoffs(const std::string& master, const Item& item, bool in_claimed, Turn& turn);
  void look_at_handoff(const std::string& master, const Item& item, const protocol::paths::HandoffName& name, bool in_claimed,
                       Turn& turn);
  void handoff_went(const std::string& master, const std::string& file, const protocol::paths::HandoffName& name,
                    bool from_claimed, Turn& turn);
  void removed(const core::Subtask& subtask, Turn& turn);
  bool is_being_answered(const std::string& subtask_id) const;
  void look_at_other_name(const std::string& master, const Item& item, Turn& turn);
  std::string right_name(const std::string& master, const std::string& name) const;
  bool read_handoff(const std::string& path, const protocol::paths::HandoffName& name, const std::string& how, Turn& turn);
  void take_result(const std::string& master, const std::string& path, const protocol::paths::HandoffName& name, How how,
                   Turn& turn);
  // intake_workers.cc
  void look_at_worker(std::string_view folder, const Item& item, Turn& turn);
  void forget_workers_but(std::span<const platform::Entry> entries);
  protocol::SpecReader take_reader(const std::string& path);
  void take_worker_spec(const std::string& path, const std::string& worker_id, How how, Turn& turn);
  void take_worker_sign(const std::string& path, const protocol::paths::WorkerName& name, How how, Turn& turn);
  std::optional<std::int64_t> read_pid_file(const std::string& path);
  WorkerClaim claim_in(const protocol::WorkerIn& worker, const WorkerClaim& file);
  std::int64_t last_sign_ms(const std::string& worker_id);
  bool is_of_now(const protocol::WorkerIn& worker, const core::Subtask& subtask, const WorkerClaim& claim, How how, Turn& turn);
  std::string why_not_free(const std::string& worker_id, const std::string& subtask_id) const;
  bool may_work_on(const protocol::WorkerIn& worker, const core::Subtask& subtask, const std::string& path,
                   const std::string& worker_id, Turn& turn);
  void say_of_times(const protocol::WorkerIn& worker, const platform::Stat& stat, const std::string& path,
                    const std::string& worker_id, Turn& turn);
  void say_of_early(const protocol::WorkerIn& worker, const core::Subtask& subtask, const std::string& path,
                    const std::string& worker_id, Turn& turn);
  void say_of_worker(const std::string& path, const std::string& worker_id, const std::string& reason, Turn& turn);
  std::int64_t lay_there_ms(const std::string& path, const platform::Stat& stat, How how);
  std::string boot_of(std::int64_t lay_there_ms) const;
  void take_ended_worker(const std::string& path, const std::string& worker_id, bool completed, Turn& turn);
  bool claim_for_worker(const core::Subtask& subtask, const std::string& spec);
  void retire_late(const std::string& path, const std::string& worker_id, const core::Subtask& subtask, int epoch, Turn& turn);
  // intake_commands.cc
  void look_at_command(const Item& item, Turn& turn);
  void carry_out(const core::InputRef& input, const platform::Identity& identity, const protocol::CommandIn& command, Turn& turn);
  void tell_command(core::CommandArrived command, Turn& turn);

  /// Refuses with the feed entry that belongs to its kind.
  void refuse(const core::InputRef& input, Error error, Turn& turn);
  void tell_refusal(const std::string& path, const Error& error, Turn& turn);
  /// A name that baton has no use for: said once, as long as something has it, and left alone.
  void leave_alone(InputKind kind, const std::string& path, const std::string& reason, const std::string& hint, Turn& turn);
  /// Nothing is there now. An error that does not say so: it is looked at again later.
  bool is_gone(const std::string& path);
  bool is_gone(const std::string& path, const Error& looked);
  bool short_of_something();
  /// The content, when the file is complete and not known yet; nothing means there is nothing to do now.
  std::optional<platform::Content> read_input(InputKind kind, const std::string& path, How how, std::size_t limit, Turn& turn);

  World& world_;
  platform::Watch& watch_;
  platform::Watch& signs_;
  Inputs& inputs_;
  HandoffFiles& handoffs_;
  QueueKeeper& queue_;
  Views& views_;
  Jobs& jobs_;
  Archive& archive_;
  Backups& backups_;
  Workers& workers_;
  CatalogueReader reader_;
  StandingReasons reasons_;
  Settling settling_;
  std::deque<Item> todo_;    // what was begun: claims, answers, workers
  std::vector<Item> early_;  // of those: taken up again in the next turn
  std::deque<Item> wishes_;  // what somebody wants: tasks, and commands about them, in the order in which they came
  std::set<std::pair<std::string, std::string>> listed_;         // in either
  std::set<std::string> unread_;                                 // claimed handoffs that were listed: when todo_ is empty
  std::map<std::string, Sign> arrived_;                          // by path in worker-specs/active/
  std::map<std::string, std::string> subtask_of_worker_;         // of live workers
  std::map<std::string, protocol::SpecReader> specs_;            // of those, by path
  std::map<std::string, std::set<std::string>> said_of_worker_;  // what was wrong with its files, by path
  std::set<std::pair<std::string, std::string>> said_of_late_;   // worker, and what it came late for
  bool catalogue_due_ = false;
  bool relist_ = false;
  Backoff unwatched_;  // a folder could not be watched
};

}  // namespace baton::service
