#include "core/scheduler.h"

#include <utility>

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
  for (const auto& [name, master] : catalogue.masters) {
    Queue& queue = queues_[name];
    queue.limit = master.max_active;
    if (std::exchange(queue.exists, true) || !queue.serves()) continue;
    begin_serving(queue);
  }
  for (auto& [name, queue] : queues_)
    if (queue.exists && !catalogue.masters.contains(name)) {
      const bool served = queue.serves();
      queue.exists = false;
      if (served) end_serving(queue);
    }
  std::erase_if(queues_, [](const auto& each) { return !each.second.exists && each.second.is_idle(); });
}

void Scheduler::gate(const std::string& master, Gate gate) {
  Queue& queue = queues_[master];
  const bool served = queue.serves();
  queue.gate = gate;
  if (served && !queue.serves()) end_serving(queue);
  if (!served && queue.serves()) begin_serving(queue);
  for (const Candidate& candidate : queue.ready) changed_.insert(candidate.subtask->task_id);
}

void Scheduler::begin_serving(Queue& queue) {
  for (const Candidate& candidate : std::exchange(queue.ready, {})) sort(files_.want(candidate));
}

/// Nobody waits for the files of work that nobody can be given.
void Scheduler::end_serving(Queue& queue) {
  Candidates all = queue.ready;
  all.insert(queue.parked.begin(), queue.parked.end());
  for (const Candidate& candidate : all) sort(files_.drop(candidate));
  queue.parked.clear();
  queue.ready = std::move(all);
}

void Scheduler::enqueue(const Subtask& subtask, Priority priority) {
  const Candidate candidate{urgency(priority, subtask.ready_at), &subtask};
  const bool is_new = queued_.emplace(&subtask, candidate.key).second;
  BATON_ASSERT(is_new);
  Queue& queue = queue_of(subtask);
  if (queue.serves())
    sort(files_.want(candidate));
  else
    queue.ready.insert(candidate);
}

void Scheduler::withdraw(const Subtask& subtask) {
  const auto queued = queued_.find(&subtask);
  if (queued == queued_.end()) return;
  const Candidate candidate{queued->second, &subtask};
  queued_.erase(queued);
  Queue& queue = queue_of(subtask);
  queue.ready.erase(candidate);
  queue.parked.erase(candidate);
  sort(files_.drop(candidate));
}

/// Where the candidates stand now that their files say otherwise.
void Scheduler::sort(const FileClaims::Moved& moved) {
  for (const Candidate& candidate : moved.parked) {
    Queue& queue = queue_of(*candidate.subtask);
    queue.ready.erase(candidate);
    queue.parked.insert(candidate);
    changed_.insert(candidate.subtask->task_id);
  }
  for (const Candidate& candidate : moved.awake) {
    Queue& queue = queue_of(*candidate.subtask);
    queue.parked.erase(candidate);
    queue.ready.insert(candidate);
    changed_.insert(candidate.subtask->task_id);
  }
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
  Queue* queue = is_full() ? nullptr : most_urgent();
  if (queue == nullptr) return nullptr;
  const Candidate candidate = *queue->ready.begin();
  queue->ready.erase(queue->ready.begin());
  queued_.erase(candidate.subtask);
  count(*candidate.subtask, +1);
  files_.take(candidate);
  return candidate.subtask;
}

void Scheduler::occupy(const Subtask& subtask) {
  BATON_ASSERT(!is_queued(subtask));
  count(subtask, +1);
  files_.take({0, &subtask});
}

void Scheduler::release(const Subtask& subtask) {
  count(subtask, -1);
  sort(files_.give_back(subtask));
}

void Scheduler::count(const Subtask& subtask, int by) {
  active_ += by;
  Queue& queue = queue_of(subtask);
  queue.active += by;
  BATON_ASSERT(active_ >= 0 && queue.active >= 0);
}

Scheduler::Closed Scheduler::closed(const Queue& queue) const {
  if (queue.is_gated()) return Closed::by_gate;
  if (queue.is_full()) return Closed::by_master_limit;
  return is_full() ? Closed::by_limit : Closed::no;
}

std::optional<Scheduler::Obstacle> Scheduler::obstacle(const Subtask& subtask) const {
  const std::string& master = subtask.spec.assigned_to;
  if (!has_master(master)) return Obstacle{"no_master", master};
  const Queue& queue = queues_.find(master)->second;
  if (!queue.serves()) return Obstacle{"gate", master};
  if (const Subtask* blocker = files_.blocker(subtask)) return Obstacle{"file", blocker->spec.id};
  switch (closed(queue)) {
    case Closed::by_gate: return Obstacle{"gate", master};
    case Closed::by_master_limit: return Obstacle{"master_limit", master};
    case Closed::by_limit: return Obstacle{"limit", "max_active_subtasks"};
    case Closed::no: break;
  }
  return std::nullopt;
}

std::set<std::string> Scheduler::take_changed() {
  for (auto& [name, queue] : queues_) {
    const Closed now = closed(queue);
    if (std::exchange(queue.told, now) == now) continue;
    for (const Candidate& candidate : queue.ready) changed_.insert(candidate.subtask->task_id);
  }
  return std::exchange(changed_, {});
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
