#include "simulation/verdicts.h"

#include <algorithm>

namespace baton::simulation {

namespace {

constexpr std::int64_t k_look_again_ms = 10'000;

/// docs/protocol.md: from one look to the next.
std::int64_t between_looks(const core::RecoverySettings& settings) {
  return std::max(std::min(settings.heartbeat_timeout_ms, settings.zombie_after_ms), settings.zombie_after_ms / 60);
}

std::string text_of(const core::FeedEntry& entry, const std::string& key) {
  for (const auto& [name, value] : entry.fields)
    if (name == key)
      if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return {};
}

std::int64_t number_of(const core::FeedEntry& entry, const std::string& key) {
  for (const auto& [name, value] : entry.fields)
    if (name == key)
      if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return 0;
}

std::string describe(const Life& life) {
  static constexpr const char* k_traces[] = {"named", "unnamed", "remote", "unseen"};
  static constexpr const char* k_ends[] = {"answers", "answers after its exit", "reports a failure", "dies", "hangs"};
  std::string text =
      life.worker_id + " (" + k_traces[static_cast<int>(life.trace)] + ", " + k_ends[static_cast<int>(life.end)] + ", shows";
  for (const Sign sign : life.shows)
    text += " " + std::string(sign == Sign::heartbeat ? "heartbeats"
                              : sign == Sign::report  ? "reports"
                              : sign == Sign::cpu     ? "cpu"
                                                      : "files");
  return text + (life.alive ? ", runs" : ", ended at " + std::to_string(life.ended_at)) + ", last sign at " +
         std::to_string(life.last_sign_at) + ")";
}

}  // namespace

Verdicts::Verdicts(World& world, Tally& tally) : world_(world), tally_(tally) {
  world_.on_end = [this](Life& life) {
    last_away_[life.worker_id] = world_.away_ms;
    expect(life.worker_id);
  };
}

void Verdicts::wrong(const Life& life, const std::string& what) const {
  throw Wrong("at " + std::to_string(world_.awake_ms()) + ", boot " + world_.boot_id() + ", daemon since " +
              std::to_string(world_.watched_since) + ": " + describe(life) + " " + what);
}

void Verdicts::missed(const Life& life) const { wrong(life, "should have been found at " + std::to_string(latest(life))); }

void Verdicts::hear(const core::FeedEntry& entry) {
  const bool verdict = entry.type == "zombie_detected" || entry.type == "worker_gone" || entry.type == "worker_exited" ||
                       entry.type == "heartbeat_missed";
  if (!verdict) return;
  Life* life = world_.life_of(entry.subtask_id, static_cast<int>(number_of(entry, "epoch")));
  if (life == nullptr) throw Wrong(entry.type + " of " + entry.subtask_id + ", which nobody works on");
  if (entry.type == "zombie_detected") return hear_zombie(*life);
  if (entry.type == "worker_gone") return hear_gone(*life, text_of(entry, "reason"));
  if (entry.type == "worker_exited") {
    if (number_of(entry, "pid") == life->pid && world_.has_process(*life)) wrong(*life, "was said to have exited");
    return;
  }
  ++tally_.missed_heartbeats;
  if (world_.awake_ms() - life->last_heard_at < world_.settings.heartbeat_timeout_ms) wrong(*life, "was said to be silent");
}

void Verdicts::hear_zombie(Life& life) {
  ++tally_.zombies;
  if (!life.hangs) wrong(life, "was declared a zombie");
  if (world_.awake_ms() - life.last_sign_at + life.hung_meanwhile_ms < world_.settings.zombie_after_ms)
    wrong(life, "was declared a zombie too early");
  if (world_.awake_ms() > latest(life)) missed(life);
  life.found = true;
}

void Verdicts::hear_gone(Life& life, const std::string& reason) {
  ++(reason == "rebooted" ? tally_.rebooted : tally_.gone);
  if (life.alive) wrong(life, "was declared gone");
  if (reason != "rebooted" && (life.end == End::answers_after || life.answered))
    wrong(life, "was declared gone for all its answer");
  if (reason != "rebooted" && world_.awake_ms() > latest(life)) missed(life);
  life.found = true;
}

void Verdicts::before_end(const Life& life) const {
  ++tally_.ended;
  if (!life.hangs) wrong(life, "was about to be ended");
}

void Verdicts::before_handoff(const std::string& subtask_id, int epoch) {
  for (int earlier = 1; earlier < epoch; ++earlier)
    if (const Life* life = world_.life_of(subtask_id, earlier); life != nullptr && life->alive && !life->answered)
      wrong(*life, "still works, and its work was handed out again");
}

void Verdicts::task_ended(const core::Task& task) {
  ++tally_.tasks;
  if (task.status != core::PlanStatus::completed) throw Wrong(task.spec.id + " did not complete");
}

/// The last moment at which its verdict may fall.
std::int64_t Verdicts::latest(const Life& life) const {
  const core::RecoverySettings& settings = world_.settings;
  const std::int64_t since = std::max(life.last_sign_at, life.ended_at);
  std::int64_t wait = settings.exit_grace_ms;
  std::int64_t grace = 0;  // after a start of the daemon
  if (life.hangs) {
    wait = settings.zombie_after_ms + between_looks(settings);
    grace = settings.heartbeat_timeout_ms;
  }
  const std::int64_t at = std::max(since, world_.watched_since) + wait + (since > world_.watched_since + grace ? 0 : grace);
  return at + world_.away_ms - last_away_.at(life.worker_id);
}

void Verdicts::expect(const std::string& worker_id) {
  const Life& life = world_.lives.at(worker_id);
  world_.agenda.enter(std::max(latest(life) + 1, world_.awake_ms() + k_look_again_ms), [this, worker_id] {
    const Life& it = world_.lives.at(worker_id);
    if (it.found || it.answered) return;
    if (world_.is_watched && world_.awake_ms() > latest(it)) missed(it);
    expect(worker_id);
  });
}

}  // namespace baton::simulation
