#include "service/worker_endings.h"

#include <algorithm>
#include <utility>

namespace baton::service {
namespace {

core::WorkerEnded end_of(const core::EndWorker& wanted) {
  return {wanted.task_id, wanted.subtask_id, wanted.worker_id, wanted.epoch};
}

std::vector<std::string> sentences(const std::vector<platform::Leftover>& processes) {
  std::vector<std::string> found;
  for (const platform::Leftover& each : processes)
    found.push_back("process " + std::to_string(each.pid) + (each.name.empty() ? "" : " (" + each.name + ")") + ": " + each.why);
  return found;
}

}  // namespace

WorkerEndings::~WorkerEndings() {
  for (const Under& under : under_way_)
    for (const int fd : under.watched) loop_.forget(fd);
}

void WorkerEndings::begin(const core::EndWorker& wanted, platform::Ending ending) {
  under_way_.push_back({wanted, std::move(ending), {}});
  advance(under_way_.back());  // where nobody was there to be signalled it is over
}

void WorkerEndings::leave(const core::EndWorker& wanted, std::vector<std::string> left) {
  over_.push_back(end_of(wanted));
  over_.back().left = std::move(left);
}

bool WorkerEndings::contains(const std::string& worker_id) const {
  return std::ranges::any_of(under_way_, [&](const Under& under) { return under.what.worker_id == worker_id; });
}

void WorkerEndings::advance(Under& under) {
  for (const int fd : std::exchange(under.watched, {})) loop_.forget(fd);  // advancing closes some of them
  const auto over = under.ending.advance(world_.now.boot_ms);
  if (!over) {
    for (const int fd : under.ending.fds())
      if (loop_.watch(fd)) under.watched.push_back(fd);  // else its deadline looks
    return;
  }
  core::WorkerEnded told = end_of(under.what);
  told.took_ms = over->took_ms;
  told.killed = over->killed;
  told.processes = over->processes;
  told.left = sentences(over->left);
  if (!over->group_spared.empty())
    told.left.insert(told.left.begin(), "its process group was not signalled: " + over->group_spared);
  told.beside = sentences(over->beside);
  over_.push_back(std::move(told));
}

void WorkerEndings::take(Turn& turn) {
  for (Under& under : under_way_)
    if (under.ending.deadline()) advance(under);
  std::erase_if(under_way_, [](const Under& under) { return !under.ending.deadline(); });
  for (core::WorkerEnded& each : std::exchange(over_, {})) turn.tell(std::move(each));
}

std::optional<std::int64_t> WorkerEndings::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const Under& under : under_way_)
    if (const auto due = under.ending.deadline()) next = std::min(next.value_or(*due), *due);
  return next;
}

}  // namespace baton::service
