// What the orchestrator holds between two events, and its moves. Private to the orchestrator's own files, one per concept:
// arrivals.cc, children.cc, handoffs.cc, claims.cc, results.cc, checkpoints.cc, validation.cc, retries.cc, splits.cc, masters.cc,
// workers.cc, worker_ends.cc, commands.cc, master_commands.cc, flow.cc (a task from start to end), restore.cc, explain.cc.
//
// Every handler changes records and notes what follows; settle() works that off once, at the end of the step. So nothing here
// recurses through the graph, and each handler costs what it touches.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/alarms.h"
#include "core/attention.h"
#include "core/lifecycle.h"
#include "core/orchestrator.h"
#include "core/plan_progress.h"
#include "core/recovery.h"
#include "core/scheduler.h"
#include "core/worker_watch.h"

namespace baton::core {

struct LiveTask {
  Task task;
  PlanProgress progress;
  int failed = 0;     // subtasks that are failed now
  bool over = false;  // has ended in this step and leaves the core with it
};

struct SubtaskRef {
  LiveTask* live = nullptr;
  std::size_t index = 0;
  explicit operator bool() const { return live != nullptr; }
  Subtask& operator*() const { return live->task.subtasks[index]; }
  Subtask* operator->() const { return &live->task.subtasks[index]; }
};

/// "its checkpoint did not pass: make test: it ended with exit code 2"
std::string sentence_about(const CheckResult& check);

/// What keeps work from a master beside its limit.
Scheduler::Gate gate_of(const MasterRecord& record);

struct Orchestrator::State {
  // ---- what is remembered (by the store, too)
  std::map<std::string, LiveTask, std::less<>> tasks;
  std::map<std::string, MasterRecord, std::less<>> masters;  // those that are not well
  Totals totals;
  bool paused = false;

  // ---- what follows from it
  Catalogue catalogue;
  std::map<std::string, SubtaskRef, std::less<>> subtasks;
  std::multimap<std::string, std::string, std::less<>> given_ids;  // given id → subtask id
  std::map<std::string, std::set<std::string>> awaited_by;         // task id (maybe unknown) → live tasks that wait for it
  std::set<std::pair<std::int64_t, std::string>> admission;        // tasks that could start, most urgent first
  std::set<std::pair<std::int64_t, std::string>> admitted;         // child tasks that could: they take no place of their own
  int running = 0;                                                 // tasks in_progress, child tasks left out
  Scheduler scheduler;
  AttentionBoard attention;
  std::deque<std::string> over;               // tasks that ended in this step
  std::vector<std::string> unasked;           // tasks whose planner command was lost with the last run
  std::vector<std::string> unsplit;           // subtasks that were to be split then
  std::vector<std::string> unchecked;         // subtasks and tasks whose checkpoint ran then
  std::vector<EndedTask> missed;              // ended, and in the journal somebody still waits for them
  std::set<std::string, std::less<>> unborn;  // subtasks whose turn it is, and which wait for their child task
  std::set<std::string> to_ask;               // those of them whose child task was not asked for yet

  Alarms backoffs;                                               // boot clock; subtasks that wait for their next attempt
  Alarms resets;                                                 // boot clock; masters whose breaker is open
  Alarms parkings;                                               // boot clock; masters that are parked
  Alarms unclaimed;                                              // mono clock; subtasks whose handoff lies there
  std::map<std::string, std::int64_t, std::less<>> lying_since;  // mono clock; the same
  struct MasterSign {
    std::int64_t at = 0;              // mono clock; when it last claimed or answered something
    std::int64_t youngest_taken = 0;  // of all that it claimed, the latest moment since which one had lain there
  };
  std::map<std::string, MasterSign> last_sign;

  static constexpr std::int64_t k_redelivery_first_ms = 1'000;
  static constexpr std::int64_t k_redelivery_longest_ms = 60'000;
  struct Redelivery {
    std::int64_t due = 0;    // boot_ms
    std::int64_t delay = 0;  // ms, until the one after
  };
  std::map<std::string, Redelivery> redeliveries;                // undelivered subtasks
  std::set<std::pair<std::int64_t, std::string>> redelivery_at;  // the same, by time

  std::map<std::string, WorkerWatch, std::less<>> watches;              // of subtasks that are claimed
  Alarms judgements;                                                    // mono clock; the same
  std::map<std::string, WorkerRecord, std::less<>> remembered_workers;  // of the run before, until clocks are known
  std::set<std::string, std::less<>> leaving;  // subtasks that are handed off again when their last worker has ended

  struct WorkerNote {  // what the feed was last told of a worker
    std::int64_t mono_ms = 0;
    int progress_percent = -1;
    std::string current_step;
  };
  MachineSeen machine;
  std::map<std::string, WorkerNote> workers;

  // ---- the step under way
  Moment now;
  std::uint32_t random = 0;
  Changes changes;

  // ---- events
  void on(const Tick&);
  void on(const CatalogueChanged&);
  void on(const TasksArrived&);
  void on(const PlannerAnswered&);
  void on(const SplitProposed&);
  void on(const ChildProposed&);
  void on(const CheckFinished&);
  void on(const HandoffClaimed&);
  void on(const HandoffReleased&);
  void on(const HandoffDelivery&);
  void on(const WorkerSeen&);
  void on(const WorkerExited&);
  void on(const WorkerLooked&);
  void on(const WorkerEnded&);
  void on(const ResultArrived&);
  void on(const ResultRefused&);
  void on(const MachineSeen&);
  void on(const CommandArrived&);
  void settle();
  void note_all_waits();  // each may wait for something else now

  // ---- telling (orchestrator.cc)
  using Fields = std::vector<std::pair<std::string, FieldValue>>;
  void tell(std::string type, const Task& task, Fields fields = {});
  void tell(std::string type, const Subtask& subtask, Fields fields = {});
  void accept(const InputRef& input);
  void refuse(const InputRef& input, Error error);
  void touch(Task& task);
  void touch(LiveTask& live, const Subtask& subtask);
  void raise(Attention about);
  void clear(const std::string& task_id, const std::string& subtask_id, const std::string& reason,
             const std::string& master = "");
  /// The move that `cause` asks for, if the table has it; else it is reported and false.
  bool move(LiveTask& live, TaskCause cause);
  bool move(SubtaskRef ref, SubtaskCause cause);

  // ---- a task from start to end (flow.cc)
  void gate(LiveTask& live);  // planned, approved, nothing awaited: it may be admitted
  void leave_admission(const Task& task);
  void admit();  // starts what there is room for
  void start(LiveTask& live);
  void promote(LiveTask& live, const std::vector<int>& open);
  void let_go(LiveTask& live);   // ready subtasks into the scheduler's queues
  void let_go(SubtaskRef ref);   // the same for one
  void hold(LiveTask& live);     // and out of them
  void settled(SubtaskRef ref);  // a subtask was completed or skipped
  void tell_stages(const LiveTask& live, int from);
  void resume_if_clear(LiveTask& live);
  void blame(LiveTask& live);
  void finish_if_done(LiveTask& live);
  void end(LiveTask& live, TaskCause cause, const std::string& reason);
  void wake_dependents(const EndedTask& ended);
  void obstruct(LiveTask& live, const EndedTask& dependency);
  void forget(LiveTask& live);
  bool lacks_master(const Subtask& subtask) const;
  void check_master(const Subtask& subtask);

  // ---- arrivals.cc
  struct Document;  // what is known of a document while it is checked
  Result<> check(const ArrivedTask& arrived, Document& document) const;
  Result<bool> is_known(const ArrivedTask& arrived, const Document& document) const;
  std::vector<std::string> cycle_through(const TaskSpec& spec, const Document& document) const;
  void add(const ArrivedTask& arrived);
  void await_dependencies(LiveTask& live, const std::vector<EndedTask>& ended);
  void adopt(LiveTask& live, Plan plan, const std::vector<std::string>& taken, const std::string& note);
  void take_free_ids(Plan& plan, const Task& task, std::vector<std::string> taken) const;
  void index(LiveTask& live);

  // ---- children.cc
  int level_of(const Task& task) const;
  SubtaskRef parent_of(const Task& task) const;
  LiveTask* child_of(const Subtask& subtask);
  std::vector<LiveTask*> children_of(LiveTask& live);
  void want_child(const Subtask& subtask);
  void want_no_child(const Subtask& subtask);
  void ask_for_children();
  bool delegate(SubtaskRef ref, const std::string& child);
  void child_ended(const Task& child);
  void complete_delegated(SubtaskRef ref, const Task& child);
  void fail_delegated(SubtaskRef ref, const std::string& error);
  void count_child(Subtask& subtask);
  void note_progress(const LiveTask& child);  // its parent's subtask has come as far
  void note_parents(const Task& child);       // what is said of them may be another thing now
  void end_child(SubtaskRef ref);
  void pause_children(LiveTask& live);
  void resume_children(LiveTask& live);

  // ---- handoffs.cc
  void hand_off(const Subtask& subtask);
  void take_back(SubtaskRef ref);  // the live handoff and its worker, or its child task, are no longer wanted
  void end_try(Subtask& subtask);  // what it took is added up
  void retire_worker(Subtask& subtask, std::string folder, std::optional<WorkerVerdict> verdict = std::nullopt);
  void progress_seen(Subtask& subtask, const WorkerSeen& seen);
  void delivered(LiveTask& live, Subtask& subtask);
  void redeliver();

  // ---- claims.cc
  void await_claim(const Subtask& subtask, std::int64_t timeout_ms);
  void stop_awaiting_claim(const Subtask& subtask);
  void note_claim(const Subtask& taken);
  void sign_of(const std::string& master);  // it claimed or answered something
  void report_unclaimed();
  void report_silence(const Subtask& lying, std::int64_t timeout_ms);
  void report_overlooked(const Subtask& lying, std::int64_t bound_ms);
  std::vector<const Subtask*> lying_for(const std::string& master) const;

  // ---- workers.cc
  LivenessLimits limits_of(const Subtask& subtask) const;
  std::int64_t claimed_ago(const Subtask& subtask) const;
  std::int64_t certainly_awake(const Subtask& subtask, std::int64_t lay_there_ms) const;
  WorkerWatch& watch(SubtaskRef ref, WorkerRecord record);
  void unwatch(const Subtask& subtask);
  void retire_others(const Subtask& subtask, const WorkerWatch& watched);
  bool is_its(const WorkerRecord& record, const Subtask& subtask) const;
  void recall_leaving();
  void resume_watches();
  void renew_limits();
  bool take_worker(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen);
  void note_process(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen);
  void note_latecomer(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen);
  void note_first_sight(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen);
  void note_sign(SubtaskRef ref, WorkerWatch& watched, const WorkerSeen& seen);
  void look(WorkerWatch& watched);
  void judge_workers();
  void judge(SubtaskRef ref);
  bool is_undecided(const WorkerWatch& watched, const WorkerVerdict& verdict) const;
  void tell_standing(SubtaskRef ref, const WorkerVerdict& verdict);
  Fields verdict_fields(const Subtask& subtask, const WorkerVerdict& verdict) const;
  void lose(SubtaskRef ref, const WorkerVerdict& verdict);
  void lose_with_machine(SubtaskRef ref, const std::string& what);
  void condemn(SubtaskRef ref, const WorkerVerdict& verdict);

  // ---- worker_ends.cc
  std::string why_not_ended(const WorkerWatch& watched) const;
  void ask_end(WorkerWatch& watched);
  void end_worker(SubtaskRef ref);
  void leave_to_person(SubtaskRef ref, std::vector<std::string> why_not_ended);
  void dismiss_worker(SubtaskRef ref);
  void fail_zombie(SubtaskRef ref);
  void stop_waiting_for_worker(SubtaskRef ref);
  void resume_endings();

  // ---- results.cc
  Result<> acceptable(const Subtask& subtask, const ResultArrived& result) const;
  void refuse_for_child(const Subtask& subtask, const ResultArrived& result);
  void complete_subtask(SubtaskRef ref, const ResultArrived& result);
  void tell_completed(SubtaskRef ref);
  void learn_from(const Subtask& completed);
  void report_failure(SubtaskRef ref, const ResultArrived& result);
  void fail_subtask(SubtaskRef ref, const Failure& failure);
  void block(LiveTask& live, const Subtask& failed);

  // ---- checkpoints.cc
  bool is_run(const std::string& checkpoint) const;  // by a program: it is more than words
  bool runs_check(const Task& task, const Subtask& subtask) const;
  /// Of the subtask itself, or of the whole task, which its last stage completes.
  bool has_check_in_words(const Task& task, const Subtask& subtask) const;
  void begin_check(SubtaskRef ref, const ResultArrived& result);
  void stop_check(SubtaskRef ref);
  FailureClass class_of(SubtaskRef checked) const;  // of a check that did not pass
  void run_check_again(const std::string& id);
  bool has_final_check(const Task& task) const;  // that is still to be run
  void begin_final_check(LiveTask& live);
  void finish_final_check(LiveTask& live, const CheckFinished& event);
  void tell_check(FeedEntry about, const CheckResult& check);  // its type follows from the check
  SubtaskRef add_fix(LiveTask& live, const CheckFinished& event);

  // ---- retries.cc
  void recover(SubtaskRef ref, const Failure& failure);
  void try_again(SubtaskRef ref, std::int64_t wait_ms, const std::string& reason);
  void leave_line(Subtask& subtask);  // what only holds for a subtask that is still to be handed off
  /// The journal's wall clock on the boot clock, at most `longest_ms` from now: nobody waits for years because a clock was set.
  std::int64_t boot_ms_of(std::int64_t wall_ms, std::int64_t longest_ms) const;
  void wake_retries();

  // ---- splits.cc
  void plan_split(SubtaskRef ref);
  void ask_for_parts(SubtaskRef ref);
  void split(SubtaskRef whole, const std::array<std::string, 2>& ids, const SplitProposed& proposed);
  void add_part(SubtaskRef whole, const SubtaskSpec& spec, const std::string& id);
  void rewire(LiveTask& live, const std::string& whole, const std::vector<std::string>& parts);

  // ---- masters.cc
  MasterRecord record_of(const std::string& master) const;
  void keep(MasterRecord record);  // remembers it, opens or shuts its gate
  void speak_against(const std::string& master);
  void speak_for(const std::string& master);
  void forgive(const std::string& master);  // its failures do not count any more
  void park(const std::string& master, const Failure& failure);
  void unpark(const std::string& master);
  void try_parked(const std::string& master);  // it is given one at a time until something succeeds
  void probe(const std::string& master);       // an open breaker lets one through
  void reset_breaker(const std::string& master);
  void close_breaker(const MasterRecord& record);
  void wake_masters();
  void close_breakers();
  void tell_master(std::string type, const MasterRecord& record, Fields fields);

  // ---- commands.cc
  struct Subject {
    LiveTask* live = nullptr;
    SubtaskRef subtask;  // set when one was named, or the task has only this one
  };
  using Answer = Result<std::string>;
  Answer apply(const CommandArrived& command, FeedEntry& entry);
  Result<Subject> resolve(const CommandArrived& command);
  Answer retry(const Subject& subject, const std::string& reason);
  Answer skip(const Subject& subject, const std::string& reason);
  Answer cancel(const Subject& subject, const std::string& reason);
  Answer release(const Subject& subject);
  Answer pause(const Subject& subject);
  Answer resume(const Subject& subject);
  Answer apply_to_master(const CommandArrived& command, FeedEntry& entry);
  Answer pause_master(MasterRecord record);
  Answer resume_master(MasterRecord record);
  Answer retry_master(const MasterRecord& record);
  void pause_one(LiveTask& live);
  void resume_one(LiveTask& live);
  Answer pause_all();
  Answer resume_all();
  Answer approve(const Subject& subject);
  Answer reject(const Subject& subject, const std::string& reason);
  Answer waive(LiveTask& live, const std::string& reason);
  bool withdraw(SubtaskRef ref);
  bool hurry(SubtaskRef ref);
  void ask_anew(SubtaskRef ref);
  std::string when(SubtaskRef ref) const;
  void retry_one(SubtaskRef ref, const std::string& reason);
  void skip_one(SubtaskRef ref, const std::string& reason);
  std::vector<SubtaskRef> failed_of(LiveTask& live) const;
  std::vector<std::string> live_ids() const;

  // ---- restore.cc
  void restore(Remembered remembered);
  void resume_waits();  // clocks are known again
  void raise_standing(const Task& task);
  void review_attention();
  void reschedule();  // a new scheduler, for another file_conflicts rule

  // ---- look-ups (explain.cc)
  LiveTask* find_task(std::string_view id);
  SubtaskRef find(std::string_view id) const;
  SubtaskRef find_short(std::string_view text) const;  // as Orchestrator::find_subtask
  Error no_subtask(std::string_view words) const;      // as Orchestrator::no_subtask
  std::vector<WaitsFor> waits_for(SubtaskRef ref) const;
  std::vector<WaitsFor> waits_for_task(const Task& task) const;
  std::vector<WaitsFor> waits_for_plan(SubtaskRef ref) const;
  std::vector<WaitsFor> waits_for_attempt(const Subtask& ready) const;
  std::vector<WaitsFor> waits_for_child(const Subtask& delegated) const;
  std::string blocked_below(const std::string& task_id) const;
};

}  // namespace baton::core
