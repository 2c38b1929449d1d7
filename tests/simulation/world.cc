#include "simulation/world.h"

#include <algorithm>
#include <utility>

namespace baton::simulation {

namespace {
constexpr std::int64_t k_begin_wall_ms = 1'700'000'000'000;
constexpr std::int64_t k_slowest_claim_ms = 30'000;
constexpr std::int64_t k_last_pid = 32'768;
}  // namespace

bool has_files(const std::string& subtask_id) { return (subtask_id.back() - '0') % 2 == 0; }

World::World(std::uint64_t seed, core::RecoverySettings of, Flaw has) : settings(of), flaw(has), random(seed) {}

// ---- time

Moment World::moment() const {
  const std::int64_t mono = awake_ms_ - booted_ms_;
  const std::int64_t boot = mono + suspended_ms_;
  return {k_begin_wall_ms + awake_ms_ + slept_ms_ + suspended_ms_ + set_ms_, flaw == Flaw::sleep ? boot : mono, boot};
}

void World::pass_until(std::int64_t awake_ms) {
  awake_ms_ = std::max(awake_ms_, awake_ms);
  agenda.run_until(awake_ms_);
}

void World::suspend(std::int64_t ms) {
  suspended_ms_ += ms;
  for (auto& [worker_id, life] : lives) {
    if (life.trace != Trace::remote || !life.alive) continue;
    if (life.hangs) {
      life.hung_meanwhile_ms += ms;
      continue;
    }
    life.last_sign_at = awake_ms_;
    write_spec(life);
  }
}

// ---- processes

void World::reboot() {
  slept_ms_ += std::exchange(suspended_ms_, 0);
  booted_ms_ = awake_ms_;
  boot_id_ = "boot-" + std::to_string(++boots_);
  for (auto& [worker_id, life] : lives) {
    if (!life.alive || life.trace == Trace::remote) continue;
    end(life);
    life.hangs = life.trace != Trace::named;  // that it ended, nobody can see
    if (life.answered) continue;
    life.end = End::dies;
    on_end(life);
  }
}

bool World::is_running(std::int64_t pid, std::int64_t started_at) const {
  const auto process = processes_.find(pid);
  return process != processes_.end() && (process->second == started_at || flaw == Flaw::pids);
}

bool World::has_process(const Life& life) const {
  const auto process = processes_.find(life.pid);
  return process != processes_.end() && process->second == life.started_at;
}

void World::start(Life& life) {
  const std::int64_t before = life.pid;
  do life.pid = random.from_to(2, k_last_pid);
  while (life.pid == before || processes_.contains(life.pid));
  life.started_at = life.last_sign_at = life.last_heard_at = awake_ms_;
  processes_[life.pid] = awake_ms_;
}

void World::end(Life& life) {
  if (!std::exchange(life.alive, false)) return;
  life.ended_at = awake_ms_;
  if (has_process(life)) exit(life.worker_id, life.pid);
}

void World::exit(const std::string& worker_id, std::int64_t pid) {
  processes_.erase(pid);
  if (random.one_in(4)) processes_[pid] = awake_ms_ + 1;  // given again to a stranger, for good
  notices.push_back({Notice::What::exit, worker_id, 0, pid});
}

/// Another process goes on in its name, and its spec says so: while the one before is still there, or within exit_grace after it.
void World::renew(Life& life) {
  ++renewals;
  const std::int64_t before = life.pid;
  const bool overlap = random.one_in(2);
  if (!overlap) exit(life.worker_id, before);
  const auto begin = [this, worker_id = life.worker_id, before, overlap] {
    Life& it = lives.at(worker_id);
    if (!it.alive) return;
    start(it);
    write_spec(it);
    if (overlap) agenda.enter(awake_ms_ + random.from_to(0, 2'000), [this, worker_id, before] { exit(worker_id, before); });
    go_on(worker_id);
  };
  overlap ? begin() : agenda.enter(awake_ms_ + random.from_to(0, settings.exit_grace_ms - 1), begin);
}

void World::signal_term(Life& life) {
  if (life.ignores_term) return;
  agenda.enter(awake_ms_ + random.from_to(0, 500), [this, &life] { end(life); });
}

core::WorkerLook World::look(const std::string& subtask_id, const Life* named) const {
  core::WorkerLook found;
  if (named != nullptr) {
    found.cpu_ms = flaw == Flaw::cpu ? 0 : named->cpu_ms;
    found.processes = 1;
  }
  if (!has_files(subtask_id)) return found;
  const auto mark = file_marks_.find(subtask_id);
  found.files = std::vector<std::uint64_t>{mark == file_marks_.end() ? 0 : mark->second};
  found.files_place = "the files it may change";
  return found;
}

// ---- files

std::int64_t World::put(Document document) {
  documents.emplace(++last_document_, std::move(document));
  notices.push_back({Notice::What::document, "", last_document_});
  return last_document_;
}

void World::publish(const std::string& subtask_id) {
  const int epoch = staged.at(subtask_id);
  staged.erase(subtask_id);
  handoffs[subtask_id] = {epoch, false};
  agenda.enter(awake_ms_ + random.from_to(1, k_slowest_claim_ms), [this, subtask_id, epoch] { claim(subtask_id, epoch); });
}

Life* World::life_of(const std::string& subtask_id, int epoch) {
  const auto found = lives.find("worker-" + subtask_id + "-e" + std::to_string(epoch));
  return found == lives.end() ? nullptr : &found->second;
}

LifeTerms World::terms_of(const std::string& subtask_id) const { return {settings.zombie_after_ms, has_files(subtask_id)}; }

// ---- what masters and workers do

/// The spec alone is a claim, too.
void World::claim(const std::string& subtask_id, int epoch) {
  const auto handoff = handoffs.find(subtask_id);
  if (handoff == handoffs.end() || handoff->second.epoch != epoch || handoff->second.claimed) return;
  handoff->second.claimed = true;
  Life life = random_life(terms_of(subtask_id), random);
  life.worker_id = "worker-" + subtask_id + "-e" + std::to_string(epoch);
  life.subtask_id = subtask_id;
  life.epoch = epoch;
  const std::string worker_id = life.worker_id;
  Life& it = lives.insert_or_assign(worker_id, std::move(life)).first->second;
  start(it);
  if (it.trace == Trace::unseen || random.one_in(2)) notices.push_back({Notice::What::claim, subtask_id});
  if (it.trace != Trace::unseen) write_spec(it);
  go_on(worker_id);
}

void World::write_spec(Life& life) {
  life.spec_lies = true;
  life.spec_wall_ms = moment().wall_ms;
  life.last_heard_at = awake_ms_;
  notices.push_back({Notice::What::spec, life.worker_id});
}

void World::go_on(const std::string& worker_id) {
  Life& life = lives.at(worker_id);
  if (life.signs_left == 0 && life.end == End::hangs) {  // from its last sign on
    life.hangs = true;
    return on_end(life);
  }
  agenda.enter(awake_ms_ + next_gap(terms_of(life.subtask_id), random), [this, worker_id] {
    Life& it = lives.at(worker_id);
    if (!it.alive) return;
    if (it.signs_left == 0) return finish(it);
    --it.signs_left;
    if (it.renews && random.one_in(3)) return renew(it);
    give_sign(it);
    go_on(worker_id);
  });
}

void World::give_sign(Life& life) {
  life.last_sign_at = awake_ms_;
  switch (life.shows[static_cast<std::size_t>(random.from_to(0, static_cast<std::int64_t>(life.shows.size()) - 1))]) {
    case Sign::heartbeat: return write_spec(life);
    case Sign::report: life.percent = std::min(life.percent + 1, 99); return write_spec(life);
    case Sign::cpu: life.cpu_ms += 10; return;
    case Sign::files: ++file_marks_[life.subtask_id]; return;
  }
}

void World::finish(Life& life) {
  life.last_sign_at = awake_ms_;
  switch (life.end) {
    case End::answers: answer(life, true); break;
    case End::reports_failure: answer(life, false); break;
    case End::answers_after:
      end(life);
      agenda.enter(awake_ms_ + random.from_to(0, settings.exit_grace_ms - 1), [this, &life] { answer(life, true); });
      return;
    case End::dies: end(life); return on_end(life);
    case End::hangs: return;
  }
  agenda.enter(awake_ms_ + random.from_to(0, 2'000), [this, &life] { end(life); });
}

void World::answer(Life& life, bool completed) {
  life.answered = true;
  core::ResultArrived result;
  result.subtask_id = life.subtask_id;
  result.master = k_master;
  result.epoch = life.epoch;
  result.completed = completed;
  result.outcome.summary = "done";
  if (!completed) result.error = "it did not work";
  put(std::move(result));
}

}  // namespace baton::simulation
