#include "service/workers.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "platform/look_for_changes.h"
#include "protocol/paths.h"
#include "service/log.h"
#include "service/output_file.h"

namespace baton::service {
namespace {

constexpr std::int64_t k_start_slack_ms = 2'000;  // docs/protocol.md, "Liveness": clocks of files and processes differ
constexpr std::size_t k_looks_per_turn = 16;
constexpr std::int64_t k_look_ms = 50;  // a turn that has looked for so long leaves the rest to the next

std::string its_process(std::int64_t pid) { return "its process " + std::to_string(pid); }

platform::ProcessIdentity identity_of(const core::WorkerRecord& record) {
  return {static_cast<pid_t>(record.pid), static_cast<std::uint64_t>(record.start_ticks), record.boot_id};
}

}  // namespace

Workers::~Workers() {
  for (auto& [worker_id, known] : known_) let_go(known);
  for (Under& under : endings_)
    for (const int fd : under.watched) loop_.forget(fd);
}

// ---- who is meant

std::optional<core::WorkerProcess> Workers::find(const WorkerClaim& claim, Turn& turn) {
  const auto [at, fresh] = known_.try_emplace(claim.worker_id);
  Known& known = at->second;
  known.subtask_id = claim.subtask_id;
  if (!claim.worktree.empty()) known.worktree = claim.worktree;
  if (!claim.output_file.empty()) known.output_file = claim.output_file;
  if (!claim.pid || known.pid == *claim.pid) return std::nullopt;
  let_go(known);
  known.pid = *claim.pid;
  known.missing = false;
  auto process = open(claim, known, turn);
  if (!process) return std::nullopt;
  core::WorkerProcess found{process->pid(), static_cast<std::int64_t>(process->identity().start_ticks), process->owner().real_uid,
                            why_spared(claim, *process)};
  if (!found.spared.empty()) warn(claim, its_process(found.pid) + " is watched, but would not be ended: " + found.spared, turn);
  hold(claim.worker_id, known, *std::move(process));
  return found;
}

std::optional<platform::LiveProcess> Workers::open(const WorkerClaim& claim, Known& known, Turn& turn) {
  const bool fits = *claim.pid > 0 && *claim.pid <= std::numeric_limits<pid_t>::max();
  auto process = platform::LiveProcess::open(fits ? static_cast<pid_t>(*claim.pid) : 0);
  if (!process && process.error().code == ErrorCode::not_found) {
    known.missing = true;
    return std::nullopt;
  }
  if (!process) {
    warn(claim, process.error().message + ": its process is not watched", turn);
    return std::nullopt;
  }
  if (platform::start_wall_ms(process->identity().start_ticks, world_.now) > claim.said_at + k_start_slack_ms) {
    known.missing = true;  // the number was given again since it was written down
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
  const std::int64_t started = platform::start_wall_ms(process.identity().start_ticks, world_.now);
  if (claim.started_at != 0 && started > claim.started_at + k_start_slack_ms)
    return "it started at " + format_utc(started) + ", which is after the started_at of " + claim.path;
  if (is_named_by_another(claim, process.pid())) return "another worker names it, too";
  return {};
}

bool Workers::is_named_by_another(const WorkerClaim& claim, std::int64_t pid) const {
  return std::ranges::any_of(known_, [&](const auto& each) {
    return each.first != claim.worker_id && each.second.process && each.second.process->pid() == pid;
  });
}

void Workers::warn(const WorkerClaim& claim, const std::string& reason, Turn& turn) const {
  turn.say({"document_warning", "", claim.subtask_id, claim.worker_id, {{"path", claim.path}, {"reason", reason}}});
}

void Workers::settle(const WorkerClaim& claim, Turn& turn) {
  const core::WorkerRecord* record = world_.core.worker(claim.subtask_id);
  if (record == nullptr || record->worker_id != claim.worker_id) return drop(claim.worker_id);
  Known& known = known_.at(claim.worker_id);
  if (!std::exchange(known.missing, false)) return;
  turn.tell(core::WorkerExited{claim.worker_id, claim.subtask_id, its_process(known.pid.value_or(0)) + " is not there"});
}

void Workers::hold(const std::string& worker_id, Known& known, platform::LiveProcess process) {
  known.process = std::move(process);
  if (const auto watched = loop_.watch(known.process->fd()); !watched)
    log::warn("the end of {} of worker {} will not be seen: {}", its_process(known.pid.value_or(0)), worker_id,
              watched.error().message);
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

void Workers::restore(Turn& turn) {
  std::vector<core::WorkerRecord> records;
  world_.core.for_each_task([&](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks)
      if (const core::WorkerRecord* record = world_.core.worker(subtask.spec.id)) records.push_back(*record);
  });
  for (const core::WorkerRecord& record : records) find_again(record, turn);
}

void Workers::find_again(const core::WorkerRecord& record, Turn& turn) {
  if (!record.host.empty()) return;
  if (record.boot_id != world_.boot_id)
    return turn.tell(core::WorkerExited{record.worker_id, record.subtask_id, "the machine was started again", true});
  if (record.pid == 0) return;
  Known& known = known_[record.worker_id];
  known.subtask_id = record.subtask_id;
  known.pid = record.pid;
  auto process = platform::LiveProcess::open(identity_of(record));
  if (process) return hold(record.worker_id, known, *std::move(process));
  if (process.error().code == ErrorCode::not_found)
    return turn.tell(core::WorkerExited{record.worker_id, record.subtask_id,
                                        its_process(record.pid) + " has exited while the daemon was away"});
  log::warn("worker {}: {}", record.worker_id, process.error().message);
}

// ---- what happens to them

void Workers::ready(const std::vector<int>& fds) {
  for (const int fd : fds) {
    const auto watched = worker_of_fd_.find(fd);
    if (watched == worker_of_fd_.end()) continue;
    const std::string worker_id = watched->second;
    Known& known = known_.at(worker_id);
    news_.emplace_back(core::WorkerExited{worker_id, known.subtask_id, its_process(known.pid.value_or(0)) + " has exited"});
    let_go(known);
  }
}

void Workers::take(Turn& turn) {
  std::vector<core::WorkerEnded> ended;
  for (Under& under : endings_) advance(under, ended);
  std::erase_if(endings_, [](const Under& under) { return !under.ending.deadline(); });
  for (core::WorkerEnded& each : ended) turn.tell(std::move(each));
  for (News& news : std::exchange(news_, {})) std::visit([&turn](auto& what) { turn.tell(std::move(what)); }, news);
  if (looks_.empty()) return;
  const bool any_process = std::ranges::any_of(looks_, [this](const core::LookAtWorker& each) {
    const auto known = known_.find(each.worker_id);
    return known != known_.end() && known->second.process;
  });
  std::optional<platform::ProcessTable> table;
  if (any_process) table = platform::ProcessTable::read();
  const std::int64_t until = platform::now().boot_ms + k_look_ms;
  for (std::size_t n = 0; n < k_looks_per_turn && !looks_.empty() && platform::now().boot_ms < until; ++n) {
    const core::LookAtWorker wanted = std::move(looks_.front());
    looks_.pop_front();
    turn.tell(core::WorkerLooked{wanted.subtask_id, wanted.epoch, look(wanted, table)});
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
  const platform::ChangeLook changes = platform::look_for_changes(places);
  found.files = changes.mark;
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
  for (const core::Effect& effect : turn.changes.effects) {
    if (const auto* look = std::get_if<core::LookAtWorker>(&effect)) looks_.push_back(*look);
    if (const auto* end = std::get_if<core::EndWorker>(&effect)) begin_end(*end);
  }
  if (turn.changes.workers.empty()) return;
  std::vector<std::string> unwanted;
  for (const auto& [worker_id, known] : known_) {
    if (!turn.changes.workers.contains(known.subtask_id)) continue;
    const core::WorkerRecord* record = world_.core.worker(known.subtask_id);
    if (record == nullptr || record->worker_id != worker_id) unwanted.push_back(worker_id);
  }
  for (const std::string& worker_id : unwanted) drop(worker_id);
}

void Workers::begin_end(const core::EndWorker& wanted) {
  core::WorkerEnded none{wanted.task_id, wanted.subtask_id, wanted.worker_id, wanted.epoch};
  const auto known = known_.find(wanted.worker_id);
  if (known == known_.end() || !known->second.process) {  // it has exited by itself
    std::erase_if(news_, [&](const News& news) {
      const auto* exited = std::get_if<core::WorkerExited>(&news);
      return exited != nullptr && exited->worker_id == wanted.worker_id && exited->subtask_id == wanted.subtask_id;
    });
    news_.emplace_back(std::move(none));
    return;
  }
  platform::EndingTerms terms;
  terms.kill_grace_ms = world_.core.catalogue().settings.recovery.kill_grace_ms;
  for (const auto& [worker_id, other] : known_)
    if (worker_id != wanted.worker_id && other.process) terms.bystanders.insert(other.process->pid());
  platform::LiveProcess process = *std::move(known->second.process);
  if (worker_of_fd_.erase(process.fd()) > 0) loop_.forget(process.fd());
  known->second.process.reset();
  auto ending = platform::Ending::begin(std::move(process), std::move(terms), world_.now.boot_ms);
  if (!ending) {
    none.left.push_back(ending.error().message);
    news_.emplace_back(std::move(none));
    return;
  }
  endings_.push_back({wanted, *std::move(ending), {}});
  watch(endings_.back());
}

void Workers::watch(Under& under) {
  for (const int fd : under.ending.fds())
    if (loop_.watch(fd)) under.watched.push_back(fd);  // else its deadline looks
}

void Workers::advance(Under& under, std::vector<core::WorkerEnded>& ended) {
  for (const int fd : std::exchange(under.watched, {})) loop_.forget(fd);  // advancing closes some of them
  auto over = under.ending.advance(world_.now.boot_ms);
  if (!over) return watch(under);
  core::WorkerEnded told{under.what.task_id, under.what.subtask_id, under.what.worker_id, under.what.epoch,
                         over->took_ms,      over->killed,          over->processes,      {}};
  for (const platform::Leftover& left : over->left)
    told.left.push_back("process " + std::to_string(left.pid) + (left.name.empty() ? "" : " (" + left.name + ")") + ": " +
                        left.why);
  ended.push_back(std::move(told));
}

std::optional<std::int64_t> Workers::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const Under& under : endings_)
    if (const auto due = under.ending.deadline()) next = std::min(next.value_or(*due), *due);
  return next;
}

}  // namespace baton::service
