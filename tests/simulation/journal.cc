#include "simulation/journal.h"

namespace baton::simulation {

namespace {

template <class Record>
void put(std::map<std::string, Record>& records, const std::string& key, const Record* record) {
  if (record == nullptr)
    records.erase(key);
  else
    records.insert_or_assign(key, *record);
}

}  // namespace

void Journal::put_task(const std::string& task_id, const core::Orchestrator& core) {
  put(live_, task_id, core.task(task_id));
  const auto task = live_.find(task_id);
  if (task == live_.end()) return;
  for (core::Subtask& subtask : task->second.subtasks) subtask.progress_percent = 0;  // is not journalled
}

void Journal::put_attention(const core::AttentionChange& change) {
  std::erase_if(attention_, [&](core::Attention each) {
    each.message = change.about.message;  // what it says may have changed
    return each == change.about;
  });
  if (change.up) attention_.push_back(change.about);
}

void Journal::commit(const core::Changes& changes, const core::Orchestrator& core, const std::set<std::int64_t>& inputs) {
  for (const std::string& id : changes.tasks) put_task(id, core);
  for (const std::string& id : changes.workers) put(workers_, id, core.worker(id));
  for (const std::string& name : changes.masters) put(masters_, name, core.master(name));
  for (const core::AttentionChange& change : changes.attention) put_attention(change);
  inputs_.insert(inputs.begin(), inputs.end());
  totals_ = core.totals();
}

core::Remembered Journal::load() const {
  core::Remembered remembered;
  remembered.totals = totals_;
  remembered.attention = attention_;
  for (const auto& [id, task] : live_) remembered.live.push_back(task);
  for (const auto& [id, record] : workers_) remembered.workers.push_back(record);
  for (const auto& [name, record] : masters_) remembered.masters.push_back(record);
  return remembered;
}

}  // namespace baton::simulation
