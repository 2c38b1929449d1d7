#include "core/scheduler.h"

#include "base/result.h"

namespace baton::core {

std::int64_t urgency(Priority priority, std::int64_t ready_at_ms) {
  constexpr std::int64_t k_minute = 60'000;
  switch (priority) {
    case Priority::critical: return ready_at_ms;
    case Priority::high: return ready_at_ms + 5 * k_minute;
    case Priority::medium: return ready_at_ms + 20 * k_minute;
    case Priority::low: return ready_at_ms + 60 * k_minute;
  }
  BATON_ASSERT(false && "an unknown priority");
}

void Scheduler::configure(const Catalogue& catalogue) {
  limit_ = catalogue.settings.max_active_subtasks;
  for (auto& [name, queue] : queues_) queue.exists = false;
  for (const auto& [name, master] : catalogue.masters) {
    Queue& queue = queues_[name];
    queue.exists = true;
    queue.limit = master.max_active;
  }
  std::erase_if(queues_,
                [](const auto& each) { return !each.second.exists && each.second.ready.empty() && each.second.active == 0; });
}

void Scheduler::enqueue(const Subtask& subtask, Priority priority) {
  const std::int64_t key = urgency(priority, subtask.ready_at);
  const bool is_new = queued_.emplace(&subtask, key).second;
  BATON_ASSERT(is_new);
  queues_[subtask.spec.assigned_to].ready.insert({key, &subtask});
}

void Scheduler::withdraw(const Subtask& subtask) {
  const auto queued = queued_.find(&subtask);
  if (queued == queued_.end()) return;
  const Candidate candidate{queued->second, &subtask};
  queued_.erase(queued);
  if (!files_.is_parked(subtask)) queues_[subtask.spec.assigned_to].ready.erase(candidate);
  put_back(files_.withdraw(candidate));
}

Scheduler::Queue* Scheduler::most_urgent() {
  Queue* best = nullptr;
  for (auto& [name, queue] : queues_) {
    if (!queue.open()) continue;
    if (best == nullptr || ByUrgency()(*queue.ready.begin(), *best->ready.begin())) best = &queue;
  }
  return best;
}

const Subtask* Scheduler::next() {
  while (limit_ == 0 || active_ < limit_) {
    Queue* queue = most_urgent();
    if (queue == nullptr) break;
    const Candidate candidate = *queue->ready.begin();
    queue->ready.erase(queue->ready.begin());
    const FileClaims::Obstacle obstacle = files_.obstacle(*candidate.subtask);
    if (obstacle.holder != nullptr) {
      put_back(files_.park(candidate, obstacle));
      continue;
    }
    queued_.erase(candidate.subtask);
    occupy(*candidate.subtask);
    return candidate.subtask;
  }
  return nullptr;
}

void Scheduler::occupy(const Subtask& subtask) {
  count(subtask, +1);
  files_.take(subtask);
}

void Scheduler::release(const Subtask& subtask) {
  count(subtask, -1);
  put_back(files_.give_back(subtask));
}

void Scheduler::count(const Subtask& subtask, int by) {
  active_ += by;
  queues_[subtask.spec.assigned_to].active += by;
  BATON_ASSERT(active_ >= 0 && queues_[subtask.spec.assigned_to].active >= 0);
}

void Scheduler::put_back(const std::vector<Candidate>& awake) {
  for (const Candidate& candidate : awake) queues_[candidate.subtask->spec.assigned_to].ready.insert(candidate);
}

std::optional<Scheduler::Obstacle> Scheduler::obstacle(const Subtask& subtask) const {
  const std::string& master = subtask.spec.assigned_to;
  if (!has_master(master)) return Obstacle{"no_master", master};
  if (const auto file = files_.obstacle(subtask); file.holder != nullptr) return Obstacle{"file", file.holder->spec.id};
  const Queue& queue = queues_.find(master)->second;
  if (queue.limit > 0 && queue.active >= queue.limit) return Obstacle{"master_limit", master};
  if (limit_ > 0 && active_ >= limit_) return Obstacle{"limit", "max_active_subtasks"};
  return std::nullopt;
}

bool Scheduler::has_master(std::string_view name) const {
  const auto found = queues_.find(name);
  return found != queues_.end() && found->second.exists;
}

int Scheduler::active_of(std::string_view master) const {
  const auto found = queues_.find(master);
  return found == queues_.end() ? 0 : found->second.active;
}

}  // namespace baton::core
