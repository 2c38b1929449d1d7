#include "simulation/simulation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace baton::simulation {

namespace {

constexpr std::int64_t k_second = 1'000, k_minute = 60 * k_second, k_hour = 60 * k_minute;
constexpr std::int64_t k_live_tasks = 100;           // about: more cost time, and show no more
constexpr std::int64_t k_signs = 8;                  // of a worker, about
constexpr std::int64_t k_turns_at_once = 10'000;     // more without time going by is a loop that spins
constexpr std::int64_t k_patience = 1'000 * k_hour;  // after the last task has arrived

core::RecoverySettings random_settings(std::uint64_t seed) {
  Random random(~seed);
  core::RecoverySettings settings;
  settings.heartbeat_timeout_ms = random.from_to(20 * k_second, 5 * k_minute);
  settings.zombie_after_ms = random.from_to(k_minute, 30 * k_minute);
  settings.exit_grace_ms = random.from_to(1, 30 * k_second);
  settings.retry_backoff_ms = random.from_to(0, 10 * k_second);
  settings.breaker_failures = 0;  // how many fail at once is up to chance here
  return settings;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, std::int64_t tasks, Flaw flaw)
    : left_(tasks), tasks_(tasks), world_(seed, random_settings(seed), flaw), verdicts_(world_, tally_) {
  const std::int64_t life_ms = k_signs * world_.settings.zombie_after_ms / 2;
  between_arrivals_ms_ = life_ms / k_live_tasks;
  between_disturbances_ms_ = world_.random.from_to(1, 8) * world_.settings.zombie_after_ms / 4;
}

Tally Simulation::run() {
  world_.agenda.enter(0, [this] { arrive(); });
  world_.agenda.enter(between_disturbances_ms_, [this] { disturb(); });
  start_daemon();
  std::int64_t give_up = std::numeric_limits<std::int64_t>::max();
  while (tally_.tasks < tasks_) {
    if (left_ == 0) give_up = std::min(give_up, world_.awake_ms() + k_patience);
    auto next = world_.agenda.next();
    if (world_.is_watched)
      if (const auto due = daemon_->due(); due && (!next || *due < *next)) next = due;
    if (!next || *next > give_up) throw Wrong(std::to_string(tasks_ - tally_.tasks) + " tasks wait for ever");
    turns_at_once_ = *next > world_.awake_ms() ? 0 : turns_at_once_ + 1;
    if (turns_at_once_ > k_turns_at_once) throw Wrong("at " + std::to_string(*next) + ": the loop spins");
    world_.pass_until(*next);
    if (!world_.is_watched) continue;
    if (const auto due = daemon_->due(); due && *due <= world_.awake_ms()) turn();
  }
  tally_.workers = static_cast<std::int64_t>(world_.lives.size());
  tally_.renewals = world_.renewals;
  return tally_;
}

void Simulation::turn() {
  ++tally_.turns;
  if (daemon_->turn(std::exchange(crash_, Crash::none))) return;
  ++tally_.kills;
  stop_daemon(world_.random.from_to(0, 2 * k_minute), false);
}

void Simulation::arrive() {
  core::TaskSpec spec;
  spec.id = "task-" + std::to_string(tasks_ - left_);
  spec.title = "Answer question " + spec.id;
  spec.assigned_to = k_master;
  spec.orchestration_required = false;
  spec.content_hash = spec.id;
  if (has_files(spec.id)) spec.files_affected = {"answers/" + spec.id + ".md"};
  world_.put(std::move(spec));
  if (--left_ > 0)
    world_.agenda.enter(world_.awake_ms() + world_.random.from_to(0, 2 * between_arrivals_ms_), [this] { arrive(); });
}

// ---- the machine

void Simulation::disturb() {
  world_.agenda.enter(world_.awake_ms() + world_.random.from_to(1, 2 * between_disturbances_ms_), [this] { disturb(); });
  if (world_.is_watched) disturb_once();
}

void Simulation::disturb_once() {
  Random& random = world_.random;
  switch (random.from_to(0, 5)) {
    case 0: ++tally_.suspends; return world_.suspend(random.from_to(k_second, 12 * k_hour));
    case 1: ++tally_.set_back; return world_.set_clock_back(random.from_to(k_second, 3 * k_hour));
    case 2: ++tally_.restarts; return stop_daemon(random.from_to(0, 2 * world_.settings.zombie_after_ms), false);
    case 3: crash_ = random.one_of({Crash::before_commit, Crash::before_perform, Crash::between_turns}); return;
    case 4: return stand_still(random.from_to(1, world_.settings.zombie_after_ms));
    default:
      if (!random.one_in(4)) return;
      ++tally_.reboots;
      return stop_daemon(random.from_to(k_second, 5 * k_minute), true);
  }
}

void Simulation::start_daemon() {
  daemon_ = std::make_unique<Daemon>(world_, journal_, verdicts_, [this](const core::FeedEntry& entry) { hear(entry); });
  world_.is_watched = true;
  world_.watched_since = world_.awake_ms();
}

void Simulation::stop_daemon(std::int64_t for_ms, bool reboot) {
  daemon_.reset();
  world_.is_watched = false;
  crash_ = Crash::none;
  if (reboot) world_.reboot();
  world_.agenda.enter(world_.awake_ms() + for_ms, [this] { start_daemon(); });
}

/// Stopped by a signal, or starved.
void Simulation::stand_still(std::int64_t for_ms) {
  ++tally_.away;
  world_.is_watched = false;
  world_.agenda.enter(world_.awake_ms() + for_ms, [this, for_ms] {
    world_.is_watched = true;
    world_.away_ms += for_ms;
  });
}

// ---- the person

void Simulation::hear(const core::FeedEntry& entry) {
  if (entry.type != "attention_raised") return;
  const auto reason = std::ranges::find(entry.fields, "reason", &std::pair<std::string, core::FieldValue>::first);
  const std::string about = std::get<std::string>(reason->second);
  const std::int64_t at = world_.awake_ms() + world_.random.from_to(k_second, 10 * k_minute);
  if (about == "blocked") {
    world_.agenda.enter(at, [this, task_id = entry.task_id] { command(core::Verb::retry, task_id); });
  } else if (about == "zombie") {
    const core::Subtask* subtask = daemon_->core().subtask(entry.subtask_id);
    world_.agenda.enter(at, [this, id = subtask->spec.id, epoch = subtask->epoch] { answer_zombie(id, epoch); });
  }
}

/// Sees to it that nobody works on it any more, where the daemon could not.
void Simulation::answer_zombie(const std::string& subtask_id, int epoch) {
  const core::Subtask* subtask = daemon_ ? daemon_->core().subtask(subtask_id) : nullptr;
  if (!world_.is_watched) {
    world_.agenda.enter(world_.awake_ms() + k_minute, [this, subtask_id, epoch] { answer_zombie(subtask_id, epoch); });
  } else if (subtask != nullptr && subtask->status == core::SubtaskStatus::zombie && subtask->epoch == epoch) {
    world_.end(*world_.life_of(subtask_id, epoch));
    command(core::Verb::release, subtask_id);
  }
}

void Simulation::command(core::Verb verb, const std::string& subject) {
  core::CommandArrived command;
  command.verb = verb;
  command.subject = subject;
  command.reason = "seen to";
  world_.put(std::move(command));
}

}  // namespace baton::simulation
