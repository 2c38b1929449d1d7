#include "service/workers.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "platform/look_for_changes.h"
#include "protocol/paths.h"
#include "service/filing.h"
#include "service/log.h"
#include "service/output_file.h"

namespace baton::service {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_most_told = 1'000;  // then it is said anew rather than remembered for ever
constexpr std::size_t k_looks_per_turn = 16;
constexpr std::size_t k_most_named = 10'000;
constexpr std::string_view k_named_in[] = {"active", "stale", "zombie"};
constexpr std::int64_t k_look_ms = 50;  // a turn that has looked for so long leaves the rest to the next
// Looking at processes means to read all of them, so looks wait for each other; many a worker has answered meanwhile, and is not
// looked at any more.
constexpr std::int64_t k_gather_ms = 50;
const std::string k_rebooted = "the machine was started again";

std::string its_process(std::int64_t pid) { return "its process " + std::to_string(pid); }

/// Of a worker's record, or of what is to be ended.
template <class Named>
platform::ProcessIdentity identity_of(const Named& named) {
  return {static_cast<pid_t>(named.pid), static_cast<std::uint64_t>(named.start_ticks), named.boot_id};
}

}  // namespace

Workers::~Workers() {
  for (auto& [worker_id, known] : known_) let_go(known);
}

// ---- who is meant

void Workers::note_named(const WorkerClaim& claim) {
  if (!claim.pid) return;
  if (const auto at = named_.find(claim.worker_id); at != named_.end() && at->second.pid == claim.pid) return;
  if (named_.size() >= k_most_named) std::erase_if(named_, [this](const auto& each) { return !stands(each.second); });
  if (named_.size() < k_most_named) named_.insert_or_assign(claim.worker_id, claim);
}

/// Where its writer has put it, or where it was filed because it counts for nothing, or no more.
bool Workers::stands(const WorkerClaim& claim) const {
  const std::string name = claim.path.substr(claim.path.rfind('/') + 1);
  return std::ranges::any_of(k_named_in, [&](std::string_view folder) {
    return presence(world_.files, paths::join(paths::join(paths::k_workers, folder), name)) == Presence::there;
  });
}

/// The file still says so, of this very process: a number that was given anew since means nobody.
bool Workers::is_told_of(const WorkerClaim& claim, const platform::LiveProcess& process) const {
  return claim.pid == process.pid() && stands(claim) &&
         platform::had_begun_by(process.identity().start_ticks, claim.said_at, world_.now);
}

std::optional<core::WorkerProcess> Workers::find(const WorkerClaim& claim, Turn& turn) {
  const auto [at, fresh] = known_.try_emplace(claim.worker_id);
  Known& known = at->second;
  known.subtask_id = claim.subtask_id;
  if (!claim.worktree.empty()) known.worktree = claim.worktree;
  if (!claim.output_file.empty()) known.output_file = claim.output_file;
  if (!claim.pid || (known.pid == *claim.pid && !known.unsure)) return std::nullopt;
  let_go(known);
  known.pid = *claim.pid;
  known.missing = known.unsure = false;
  auto process = open(claim, known, turn);
  if (!process) return std::nullopt;
  core::WorkerProcess found{process->pid(), static_cast<std::int64_t>(process->identity().start_ticks), process->owner().real_uid,
                            why_spared(claim, *process)};
  if (told_spared_.size() >= k_most_told) told_spared_.clear();
  if (!found.spared.empty() && told_spared_.insert(claim.worker_id + "\n" + found.spared).second)
    warn(claim, its_process(found.pid) + " is watched, but would not be ended: " + found.spared, turn);
  forget_exit(claim.worker_id, claim.subtask_id);  // of the one that it named before
  hold(claim.worker_id, known, *std::move(process));
  return found;
}

std::optional<platform::LiveProcess> Workers::open(const WorkerClaim& claim, Known& known, Turn& turn) {
  Result<platform::LiveProcess> process =
      std::in_range<pid_t>(*claim.pid)
          ? platform::LiveProcess::open(static_cast<pid_t>(*claim.pid))
          : fail(ErrorCode::invalid, std::to_string(*claim.pid) + " is no pid that a worker can have");
  if (!process && process.error().code == ErrorCode::not_found) {
    known.missing = true;
    return std::nullopt;
  }
  if (!process) {
    known.unsure = process.error().code != ErrorCode::invalid;
    const std::string reason = process.error().message + ": its process is not watched";
    if (std::exchange(known.told, reason) != reason) warn(claim, reason, turn);
    return std::nullopt;
  }
  return *std::move(process);
}

/// Why nobody can be sure that it is the worker's alone, or that this program may end it; empty: it may.
std::string Workers::why_spared(const WorkerClaim& claim, const platform::LiveProcess& process) const {
  if (!process.is_of_this_user()) return "it belongs to user " + std::to_string(process.owner().real_uid);
  if (claim.file_owner != process.owner().real_uid)
    return claim.path + " belongs to user " + std::to_string(claim.file_owner) + ", the process to user " +
           std::to_string(process.owner().real_uid);
  // Either the number was given again since it was written down, or the clock was set: nobody can tell.
  const auto begun_by = [&](std::int64_t wall_ms) {
    return platform::had_begun_by(process.identity().start_ticks, wall_ms, world_.now);
  };
  const std::int64_t started = platform::start_wall_ms(process.identity().start_ticks, world_.now);
  if (!begun_by(claim.said_at)) return "it started at " + format_utc(started) + ", which is after " + claim.path + " was written";
  if (claim.started_at != 0 && !begun_by(claim.started_at))
    return "it started at " + format_utc(started) + ", which is after the started_at of " + claim.path;
  if (!who_else_names(claim.worker_id, process).empty()) return "another worker names it, too";
  return {};
}

bool Workers::lives(const WorkerClaim& claim) const {
  if (!claim.pid || !std::in_range<pid_t>(*claim.pid)) return false;
  const auto process = platform::LiveProcess::open(static_cast<pid_t>(*claim.pid));
  return process && platform::had_begun_by(process->identity().start_ticks, claim.said_at, world_.now);
}

void Workers::warn(const WorkerClaim& claim, const std::string& reason, Turn& turn) const {
  turn.say({"document_warning", "", claim.subtask_id, claim.worker_id, {{"path", claim.path}, {"reason", reason}}});
}

void Workers::settle(const WorkerClaim& claim) {
  const core::WorkerRecord* record = world_.core.worker(claim.subtask_id);
  if (record == nullptr || record->worker_id != claim.worker_id) return drop(claim.worker_id);
  Known& known = known_.at(claim.worker_id);
  const bool missing = std::exchange(known.missing, false);
  if (record->host.empty() && record->boot_id != world_.boot_id)
    note_absent({claim.worker_id, claim.subtask_id, k_rebooted, true});
  else if (missing)
    note_absent({claim.worker_id, claim.subtask_id, its_process(known.pid.value_or(0)) + " is not there"});
}

void Workers::note_absent(core::WorkerExited absent) {
  absent_.push_back(std::move(absent));
  absent_is_news_ = true;
}

/// Somebody works in its name again.
bool Workers::is_back(const core::WorkerExited& absent) const {
  if (const auto known = known_.find(absent.worker_id); known != known_.end() && known->second.process) return true;
  const core::WorkerRecord* record = world_.core.worker(absent.subtask_id);
  return absent.rebooted && record != nullptr && record->boot_id == world_.boot_id;
}

void Workers::tell_absent(const std::function<bool(const std::string&)>& is_being_answered, Turn& turn) {
  absent_is_news_ = false;
  for (core::WorkerExited& each : std::exchange(absent_, {})) {
    if (is_back(each)) continue;
    if (is_being_answered(each.subtask_id))
      absent_.push_back(std::move(each));
    else
      turn.tell(std::move(each));
  }
}

void Workers::hold(const std::string& worker_id, Known& known, platform::LiveProcess process) {
  known.process = std::move(process);
  if (const auto watched = loop_.watch(known.process->fd()); !watched)
    log::warn({"the end of ", its_process(known.pid.value_or(0)), " of worker ", worker_id,
               " will not be seen: ", watched.error().message});
  else
    worker_of_fd_[known.process->fd()] = worker_id;
}

void Workers::let_go(Known& known) {
  if (!known.process) return;
  if (worker_of_fd_.erase(known.process->fd()) > 0) loop_.forget(known.process->fd());
  known.process.reset();
}

void Workers::drop(const std::string& worker_id) {
  const auto known = known_.find(worker_id);
  if (known == known_.end()) return;
  let_go(known->second);
  known_.erase(known);
}

// ---- the run before

void Workers::restore() {
  world_.core.for_each_task([this](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks) {
      const bool claimed = core::is_handed_out(subtask) && subtask.status != core::SubtaskStatus::handed_off;
      if (const core::WorkerRecord* record = world_.core.worker(subtask.spec.id))
        find_again(*record);
      else if (claimed && world_.rebooted)
        note_absent({"", subtask.spec.id, k_rebooted, true});
    }
  });
}

void Workers::find_again(const core::WorkerRecord& record) {
  if (!record.host.empty()) return;
  if (record.boot_id != world_.boot_id) return note_absent({record.worker_id, record.subtask_id, k_rebooted, true});
  if (record.pid == 0) return;
  Known& known = known_[record.worker_id];
  known.subtask_id = record.subtask_id;
  known.pid = record.pid;
  auto process = platform::LiveProcess::open(identity_of(record));
  if (process) return hold(record.worker_id, known, *std::move(process));
  if (process.error().code == ErrorCode::not_found) {
    exited_.push_back(record.worker_id);
    return note_absent({record.worker_id, record.subtask_id, its_process(record.pid) + " has exited while the daemon was away"});
  }
  known.unsure = true;
  log::warn({"worker ", record.worker_id, ": ", process.error().message});
}

// ---- what happens to them

void Workers::ready(const std::vector<int>& fds) {
  for (const int fd : fds) {
    const auto watched = worker_of_fd_.find(fd);
    if (watched == worker_of_fd_.end()) continue;
    const std::string worker_id = watched->second;
    Known& known = known_.at(worker_id);
    known.alive_at = std::max(known.alive_at, alive_at_);
    news_.push_back({worker_id, known.subtask_id, its_process(known.pid.value_or(0)) + " has exited"});
    if (exited_.empty()) exited_at_ = world_.now.boot_ms;
    exited_.push_back(worker_id);
    let_go(known);
  }
  alive_at_ = world_.now.boot_ms;
}

void Workers::forget_exit(const std::string& worker_id, const std::string& subtask_id) {
  std::erase_if(news_,
                [&](const core::WorkerExited& exit) { return exit.worker_id == worker_id && exit.subtask_id == subtask_id; });
}

bool Workers::is_due(std::int64_t asked_at) const { return world_.now.boot_ms >= asked_at + k_gather_ms; }

std::optional<std::int64_t> Workers::next_deadline() const {
  std::optional<std::int64_t> next = endings_.next_deadline();
  const auto consider = [&next](std::int64_t at) { next = std::min(next.value_or(at), at); };
  if (!looks_.empty()) consider(looks_asked_at_ + k_gather_ms);
  if (!exited_.empty()) consider(exited_at_ + k_gather_ms);
  return next;
}

/// An exit is to be told at once, so this comes after it, well within exit_grace.
void Workers::look_at_remains() {
  std::optional<platform::ProcessTable> table;
  for (const std::string& worker_id : std::exchange(exited_, {})) {
    const auto known = known_.find(worker_id);
    const core::WorkerRecord* record = known == known_.end() ? nullptr : world_.core.worker(known->second.subtask_id);
    if (record == nullptr || record->worker_id != worker_id || known->second.process) continue;
    if (!table) table = platform::ProcessTable::read();
    if (platform::remains_of(*table, identity_of(*record)).empty()) continue;
    const auto untold = std::ranges::find(news_, worker_id, &core::WorkerExited::worker_id);
    const auto absent = std::ranges::find(absent_, worker_id, &core::WorkerExited::worker_id);
    if (untold != news_.end())
      untold->remains = true;
    else if (absent != absent_.end())
      absent->remains = true;
    else
      news_.push_back({worker_id, record->subtask_id, its_process(record->pid) + " has exited", false, true});
  }
}

void Workers::take(Turn& turn) {
  endings_.take(turn);
  const bool can_wait = world_.core.catalogue().settings.recovery.exit_grace_ms > 2 * k_gather_ms;
  if (!exited_.empty() && (!can_wait || is_due(exited_at_))) look_at_remains();
  for (core::WorkerExited& exit : std::exchange(news_, {})) turn.tell(std::move(exit));
  if (!looks_.empty() && is_due(looks_asked_at_)) take_looks(turn);
}

void Workers::take_looks(Turn& turn) {
  std::optional<platform::ProcessTable> table;
  const std::int64_t until = platform::now().boot_ms + k_look_ms;
  for (std::size_t n = 0; n < k_looks_per_turn && !looks_.empty() && platform::now().boot_ms < until;) {
    const core::LookAtWorker wanted = std::move(looks_.front());
    looks_.pop_front();
    const core::Subtask* subtask = world_.core.subtask(wanted.subtask_id);
    const bool goes_on =
        subtask != nullptr && subtask->epoch == wanted.epoch && subtask->status == core::SubtaskStatus::in_progress;
    if (!goes_on) {  // it was answered meanwhile
      turn.tell(core::WorkerLooked{wanted.subtask_id, wanted.epoch, {}});
      continue;
    }
    const auto known = known_.find(wanted.worker_id);
    if (!table && known != known_.end() && known->second.process) table = platform::ProcessTable::read();
    turn.tell(core::WorkerLooked{wanted.subtask_id, wanted.epoch, look(wanted, table)});
    ++n;
  }
}

core::WorkerLook Workers::look(const core::LookAtWorker& wanted, const std::optional<platform::ProcessTable>& table) const {
  core::WorkerLook found;
  const auto known = known_.find(wanted.worker_id);
  if (known != known_.end() && known->second.process && table) {
    const auto family = table->family_of(known->second.process->pid());
    if (!family.members.empty()) {
      found.cpu_ms = family.cpu_ms;
      found.processes = static_cast<int>(family.members.size());
      found.stopped = family.members.front()->state == 'T' || family.members.front()->state == 't';
      found.whole = family.whole;
    }
  }
  const std::string worktree = known == known_.end() ? "" : known->second.worktree;
  if (known != known_.end()) found.output_bytes = output_bytes(world_, worktree, known->second.output_file);
  const std::vector<std::string> places = places_of(wanted.subtask_id, worktree);
  if (places.empty()) return found;
  platform::ChangeLook changes = platform::look_for_changes(places);
  if (!changes.marks.empty()) found.files = std::move(changes.marks);
  found.files_changed_at = changes.newest_wall_ms;
  found.whole = found.whole && changes.whole;
  found.files_place = worktree.empty() ? "the files it may change" : worktree;
  return found;
}

/// Absolute. What this program itself writes is no sign of anybody's life, so a folder that holds the coordination folder is
/// looked at entry by entry.
std::vector<std::string> Workers::places_of(const std::string& subtask_id, const std::string& worktree) const {
  namespace fs = std::filesystem;
  std::vector<std::string> wanted;
  const auto add = [&](const std::string& path) {
    wanted.push_back((fs::path(world_.workspace) / path).lexically_normal().string());
  };
  if (!worktree.empty()) add(worktree);
  if (const core::Subtask* subtask = world_.core.subtask(subtask_id))
    for (const std::string& file : subtask->spec.files_affected) add(file);
  std::vector<std::string> places;
  for (std::string& path : wanted) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path != world_.root && !world_.root.starts_with(path == "/" ? path : path + "/")) {
      places.push_back(std::move(path));
      continue;
    }
    std::error_code ignored;
    for (fs::directory_iterator at(path, ignored), end; !ignored && at != end; at.increment(ignored)) {
      const std::string entry = at->path().string();
      if (entry != world_.root && !world_.root.starts_with(entry + "/")) places.push_back(entry);
    }
    std::ranges::sort(places);
  }
  return places;
}

// ---- their end

void Workers::perform(const Turn& turn) {
  std::set<std::string> touched = turn.changes.workers;
  for (const core::Effect& effect : turn.changes.effects) {
    if (const auto* look = std::get_if<core::LookAtWorker>(&effect)) {
      if (looks_.empty()) looks_asked_at_ = world_.now.boot_ms;
      looks_.push_back(*look);
    }
    if (const auto* end = std::get_if<core::EndWorker>(&effect)) {
      begin_end(*end);
      touched.insert(end->subtask_id);
    }
  }
  if (touched.empty()) return;
  std::vector<std::string> unwanted;
  for (const auto& [worker_id, known] : known_) {
    if (!touched.contains(known.subtask_id)) continue;
    const core::WorkerRecord* record = world_.core.worker(known.subtask_id);
    if (record == nullptr || record->worker_id != worker_id) unwanted.push_back(worker_id);
  }
  for (const std::string& worker_id : unwanted) drop(worker_id);
}

// What was true when the worker was first seen need not be so any more, so it is asked again who is meant.
void Workers::begin_end(const core::EndWorker& wanted) {
  if (wanted.boot_id != world_.boot_id) return endings_.leave(wanted, {});  // it went with the machine
  const auto known = known_.find(wanted.worker_id);
  const std::int64_t alive_at = known == known_.end() ? 0 : known->second.alive_at;
  const std::int64_t now = world_.now.boot_ms;
  auto process = take_process(wanted);
  if (process) {
    if (const std::string other = who_else_names(wanted.worker_id, *process); !other.empty())
      return endings_.leave(
          wanted, {"process " + std::to_string(wanted.pid) + ": it was not signalled: worker " + other + " names it, too"});
    auto ending = platform::Ending::begin(*std::move(process), terms_of(wanted), now);
    return ending ? endings_.begin(wanted, *std::move(ending)) : endings_.leave(wanted, {ending.error().message});
  }
  if (process.error().code != ErrorCode::not_found)
    return endings_.leave(wanted, {process.error().message + ": it was not signalled"});
  forget_exit(wanted.worker_id, wanted.subtask_id);  // by itself, which is told as its end
  endings_.begin(wanted, platform::Ending::begin_after_exit(identity_of(wanted), alive_at, terms_of(wanted), now));
}

platform::EndingTerms Workers::terms_of(const core::EndWorker& wanted) const {
  platform::EndingTerms terms;
  terms.kill_grace_ms = world_.core.catalogue().settings.recovery.kill_grace_ms;
  for (const auto& [worker_id, other] : known_)
    if (worker_id != wanted.worker_id && other.process) terms.bystanders.insert(other.process->pid());
  for (const auto& [worker_id, claim] : named_) {  // rivals, workers of what is not known yet: they count for nothing, and live
    if (worker_id == wanted.worker_id || holds(worker_id) || !std::in_range<pid_t>(*claim.pid)) continue;
    const auto process = platform::LiveProcess::open(static_cast<pid_t>(*claim.pid));
    if (process && is_told_of(claim, *process)) terms.bystanders.insert(process->pid());
  }
  return terms;
}

/// The one that is held, or found again: that it is not held does not mean that it is not there.
Result<platform::LiveProcess> Workers::take_process(const core::EndWorker& wanted) {
  const auto known = known_.find(wanted.worker_id);
  const bool is_held = known != known_.end() && known->second.process;
  if (!is_held || known->second.process->identity() != identity_of(wanted))
    return platform::LiveProcess::open(identity_of(wanted));
  platform::LiveProcess process = *std::move(known->second.process);
  if (worker_of_fd_.erase(process.fd()) > 0) loop_.forget(process.fd());
  known->second.process.reset();
  return process;
}

/// Another worker that lives, as far as is known; empty: nobody does.
std::string Workers::who_else_names(const std::string& worker_id, const platform::LiveProcess& process) const {
  for (const auto& [other_id, other] : known_) {
    if (other_id == worker_id || other.pid != process.pid()) continue;
    if (other.unsure || (other.process && other.process->identity() == process.identity())) return other_id;
  }
  for (const auto& [other_id, claim] : named_)
    if (other_id != worker_id && is_told_of(claim, process)) return other_id;
  return {};
}

}  // namespace baton::service
