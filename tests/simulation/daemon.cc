#include "simulation/daemon.h"

#include <algorithm>
#include <utility>

namespace baton::simulation {

namespace {

core::Catalogue catalogue_of(const World& world) {
  core::Catalogue catalogue;
  catalogue.settings.recovery = world.settings;
  catalogue.masters[k_master].name = k_master;
  return catalogue;
}

constexpr const char* k_rebooted = "the machine was started again";

std::string its_process(std::int64_t pid) { return "its process " + std::to_string(pid); }

/// As service/intake_workers.cc has it.
bool is_of_the_past(int epoch, const core::Subtask& subtask) {
  if (core::is_final(subtask.status) || subtask.status == core::SubtaskStatus::failed) return true;
  if (epoch != subtask.epoch) return epoch < subtask.epoch;
  return !core::is_handed_out(subtask.status);
}

}  // namespace

Daemon::Daemon(World& world, Journal& journal, Verdicts& verdicts, std::function<void(const core::FeedEntry&)> hear)
    : world_(world),
      journal_(journal),
      verdicts_(verdicts),
      hear_(std::move(hear)),
      now_(world.moment()),
      rebooted_(!journal.boot_id.empty() && journal.boot_id != world.boot_id()) {
  if (!rebooted_) clock_ = service::SteadyClock(journal_.skipped_ms);
  core_.restore(journal_.load());
}

std::optional<std::int64_t> Daemon::due() const {
  if (!started_ || !world_.notices.empty() || !looks_.empty() || !ended_.empty()) return world_.awake_ms();
  const auto deadline = core_.next_deadline(now_);
  if (!deadline) return std::nullopt;
  return world_.awake_ms() + std::max<std::int64_t>(0, *deadline - world_.moment().boot_ms);
}

bool Daemon::turn(Crash crash) {
  if (crash == Crash::between_turns) return false;
  now_ = clock_.read(world_.moment());
  changes_ = {};
  used_.clear();
  begun_ ? take() : begin();
  tell(core::Tick{});
  for (const core::Effect& effect : changes_.effects)
    if (const auto* handoff = std::get_if<core::PublishHandoff>(&effect)) world_.staged[handoff->subtask_id] = handoff->epoch;
  if (crash == Crash::before_commit) return false;
  commit();
  if (crash == Crash::before_perform) return false;
  perform();
  clock_.waits_until(looks_.empty() && ended_.empty() && started_ ? core_.next_deadline(now_) : now_.boot_ms);
  return true;
}

void Daemon::tell(decltype(core::Event::what) what) {
  core::Changes step = core_.step(core::Event{now_, std::move(what), world_.random.bits()});
  changes_.add(std::move(step));
}

// ---- the start

void Daemon::begin() {
  begun_ = true;
  tell(core::CatalogueChanged{catalogue_of(world_), true});
  restore_handoffs();
  core_.for_each_task([this](const core::Task& task) {
    for (const core::Subtask& subtask : task.subtasks) find_again(subtask);
  });
  list();
}

/// What was staged and is journalled is published, what is not was never promised.
void Daemon::restore_handoffs() {
  for (const auto& [subtask_id, epoch] : std::map(world_.staged)) {
    const core::Subtask* subtask = core_.subtask(subtask_id);
    if (subtask != nullptr && subtask->status == core::SubtaskStatus::handed_off && subtask->epoch == epoch) {
      verdicts_.before_handoff(subtask_id, epoch);
      world_.publish(subtask_id);
    } else {
      world_.staged.erase(subtask_id);
    }
  }
}

void Daemon::find_again(const core::Subtask& subtask) {
  const core::WorkerRecord* record = core_.worker(subtask.spec.id);
  const bool claimed = subtask.status == core::SubtaskStatus::in_progress || subtask.status == core::SubtaskStatus::zombie;
  if (record == nullptr && claimed && rebooted_) absent_.push_back({"", subtask.spec.id, k_rebooted, true});
  if (record == nullptr || !record->host.empty()) return;
  if (record->boot_id != world_.boot_id()) return absent_.push_back({record->worker_id, record->subtask_id, k_rebooted, true});
  if (record->pid == 0) return;
  Known& known = known_[record->worker_id];
  known.subtask_id = record->subtask_id;
  known.pid = record->pid;
  known.held = world_.is_running(record->pid, record->start_ticks);
  if (!known.held)
    absent_.push_back(
        {record->worker_id, record->subtask_id, its_process(record->pid) + " has exited while the daemon was away"});
}

/// Everything is looked at again; what was told before the start is told by that.
void Daemon::list() {
  world_.notices.clear();
  for (const auto& [id, document] : world_.documents) listed_.push_back({Notice::What::document, "", id});
  for (const auto& [subtask_id, handoff] : world_.handoffs)
    if (handoff.claimed) listed_.push_back({Notice::What::claim, subtask_id});
  for (const auto& [worker_id, life] : world_.lives)
    if (life.spec_lies) listed_.push_back({Notice::What::spec, worker_id});
}

/// Who has answered before he ended did not die, and who is back is not lost.
void Daemon::tell_absent() {
  for (core::WorkerExited& absent : std::exchange(absent_, {})) {
    const core::WorkerRecord* record = core_.worker(absent.subtask_id);
    const auto known = known_.find(absent.worker_id);
    const bool is_back = (known != known_.end() && known->second.held) ||
                         (absent.rebooted && record != nullptr && record->boot_id == world_.boot_id());
    if (!is_back) tell(std::move(absent));
  }
}

// ---- what has changed

void Daemon::take() {
  for (const Notice& notice : std::exchange(listed_, {})) take(notice, true);
  std::vector<Notice> exits;  // files first, as in service/engine.cc
  for (const Notice& notice : std::exchange(world_.notices, {}))
    notice.what == Notice::What::exit ? exits.push_back(notice) : take(notice, false);
  for (core::WorkerEnded& ended : std::exchange(ended_, {})) tell(std::move(ended));
  for (const Notice& exit : exits) take_exit(exit.name, exit.pid);
  tell_absent();
  started_ = true;
  take_looks();
}

void Daemon::take(const Notice& notice, bool listed) {
  switch (notice.what) {
    case Notice::What::document: return take_document(notice.document);
    case Notice::What::spec: return take_spec(notice.name, listed);
    case Notice::What::exit: return;
    case Notice::What::claim: break;
  }
  const auto handoff = world_.handoffs.find(notice.name);
  if (handoff != world_.handoffs.end() && handoff->second.claimed)
    tell(core::HandoffClaimed{notice.name, handoff->second.epoch, "renamed"});
}

void Daemon::take_document(std::int64_t id) {
  const auto document = world_.documents.find(id);
  if (document == world_.documents.end() || !seen_.insert(id).second) return;
  if (journal_.knows_input(id)) {  // it did its work, and was not filed any more
    world_.documents.erase(document);
    return;
  }
  used_.insert(id);
  const core::InputRef input{id, "document-" + std::to_string(id)};
  if (const auto* spec = std::get_if<core::TaskSpec>(&document->second)) {
    core::ArrivedTask task;
    task.spec = *spec;
    task.plan = core_.plan(*spec);
    return tell(core::TasksArrived{input, core::Source::drop, {std::move(task)}});
  }
  const auto told = [&](auto what) {
    what.input = input;
    tell(std::move(what));
  };
  if (const auto* result = std::get_if<core::ResultArrived>(&document->second)) return told(*result);
  told(std::get<core::CommandArrived>(document->second));
}

void Daemon::take_spec(const std::string& worker_id, bool listed) {
  Life& life = world_.lives.at(worker_id);
  const core::Subtask* subtask = core_.subtask(life.subtask_id);
  if (!life.spec_lies) return;
  if (subtask == nullptr || is_of_the_past(life.epoch, *subtask)) {
    life.spec_lies = false;
    return;
  }
  core::WorkerSeen seen{worker_id, life.subtask_id, life.epoch, life.percent, ""};
  if (listed) seen.lay_there_ms = std::max<std::int64_t>(0, now_.wall_ms - life.spec_wall_ms);
  if (life.trace == Trace::remote)
    seen.host = "elsewhere";
  else if (!rebooted_ || seen.lay_there_ms <= now_.boot_ms)
    seen.boot_id = world_.boot_id();
  if (life.trace == Trace::named) seen.process = find(life);
  tell(std::move(seen));
  const core::WorkerRecord* record = core_.worker(life.subtask_id);
  const auto known = known_.find(worker_id);
  if (known == known_.end()) return;
  if (record == nullptr || record->worker_id != worker_id) {
    known_.erase(known);
  } else if (record->host.empty() && record->boot_id != world_.boot_id()) {
    absent_.push_back({worker_id, life.subtask_id, k_rebooted, true});
  } else if (std::exchange(known->second.missing, false)) {
    absent_.push_back({worker_id, life.subtask_id, its_process(life.pid) + " is not there"});
  }
}

std::optional<core::WorkerProcess> Daemon::find(const Life& life) {
  Known& known = known_[life.worker_id];
  known.subtask_id = life.subtask_id;
  if (known.pid == life.pid || (known.pid != 0 && world_.flaw == Flaw::renewals)) return std::nullopt;
  known.pid = life.pid;
  known.held = world_.is_running(life.pid, life.started_at);
  known.missing = !known.held;
  if (!known.held) return std::nullopt;
  return core::WorkerProcess{life.pid, life.started_at, 1000, ""};
}

void Daemon::take_exit(const std::string& worker_id, std::int64_t pid) {
  if (const auto ending = endings_.find(worker_id); ending != endings_.end() && ending->second.pid == pid) {
    const core::EndWorker what = ending->second;
    endings_.erase(ending);
    return tell(core::WorkerEnded{what.task_id, what.subtask_id, what.worker_id, what.epoch, 100, false, 1});
  }
  const auto known = known_.find(worker_id);
  if (known == known_.end() || known->second.pid != pid || !std::exchange(known->second.held, false)) return;
  if (world_.flaw == Flaw::exits) return;
  tell(core::WorkerExited{worker_id, known->second.subtask_id, its_process(known->second.pid) + " has exited"});
}

void Daemon::take_looks() {
  for (const core::LookAtWorker& wanted : std::exchange(looks_, {})) {
    const auto known = known_.find(wanted.worker_id);
    const bool held = known != known_.end() && known->second.held;
    tell(core::WorkerLooked{wanted.subtask_id, wanted.epoch,
                            world_.look(wanted.subtask_id, held ? &world_.lives.at(wanted.worker_id) : nullptr)});
  }
}

// ---- remembered, then acted upon

void Daemon::commit() {
  journal_.commit(changes_, core_, used_);
  journal_.skipped_ms = clock_.skipped_ms();
  if (started_ || !rebooted_) journal_.boot_id = world_.boot_id();
  for (const auto& task : changes_.ended) verdicts_.task_ended(*task);
  for (const core::Effect& effect : changes_.effects)
    if (const auto* entry = std::get_if<core::FeedEntry>(&effect)) {
      verdicts_.hear(*entry);
      hear_(*entry);
    }
}

void Daemon::perform() {
  let_go_of_unwanted();
  for (const core::Effect& effect : changes_.effects) {
    if (const auto* handoff = std::get_if<core::PublishHandoff>(&effect)) {
      const auto staged = world_.staged.find(handoff->subtask_id);
      if (staged == world_.staged.end() || staged->second != handoff->epoch) continue;
      verdicts_.before_handoff(handoff->subtask_id, handoff->epoch);
      world_.publish(handoff->subtask_id);
    } else if (const auto* old = std::get_if<core::RetireHandoff>(&effect)) {
      const auto lies = world_.handoffs.find(old->subtask_id);
      if (lies != world_.handoffs.end() && lies->second.epoch <= old->epoch) world_.handoffs.erase(lies);
    } else if (const auto* worker = std::get_if<core::RetireWorker>(&effect)) {
      world_.lives.at(worker->worker_id).spec_lies = false;
    } else if (const auto* look = std::get_if<core::LookAtWorker>(&effect)) {
      looks_.push_back(*look);
    } else if (const auto* end = std::get_if<core::EndWorker>(&effect)) {
      perform_end(*end);
    } else if (const auto* planner = std::get_if<core::AskPlanner>(&effect)) {
      throw Wrong("a planner was asked for " + planner->task_id);
    }
  }
  for (const std::int64_t id : used_) world_.documents.erase(id);
}

void Daemon::let_go_of_unwanted() {
  std::erase_if(known_, [&](const auto& each) {
    const auto& [worker_id, known] = each;
    if (!changes_.workers.contains(known.subtask_id)) return false;
    const core::WorkerRecord* record = core_.worker(known.subtask_id);
    return record == nullptr || record->worker_id != worker_id;
  });
}

void Daemon::perform_end(const core::EndWorker& wanted) {
  if (wanted.boot_id != world_.boot_id() || !world_.is_running(wanted.pid, wanted.start_ticks)) {
    ended_.push_back({wanted.task_id, wanted.subtask_id, wanted.worker_id, wanted.epoch});
    return;
  }
  Life& life = world_.lives.at(wanted.worker_id);
  verdicts_.before_end(life);
  endings_.emplace(wanted.worker_id, wanted);
  world_.signal_term(life);
  world_.agenda.enter(world_.awake_ms() + world_.settings.kill_grace_ms, [&world = world_, &life, alive = std::weak_ptr(lives_)] {
    if (!alive.expired()) world.end(life);  // the next run asks again, and waits anew
  });
}

}  // namespace baton::simulation
