#include "service/views.h"

#include <algorithm>

#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::int64_t k_slice_ms = 5;               // how long one call may hold up the loop
constexpr std::int64_t k_pause_factor = 20;          // a write that took t is not repeated before 20 t
constexpr std::int64_t k_restore_pause_ms = 60'000;  // an edited view is put back at most once a minute

std::string hidden(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(0, slash + 1) + ".baton-" + path.substr(slash + 1);
}

}  // namespace

void Views::restore(std::vector<std::string> views_due) {
  for (const std::string& task_id : views_due) {
    auto task = world_.store.load_task(task_id);
    if (task && *task) ended_[task_id] = std::make_shared<const core::Task>(std::move(**task));
  }
  world_.core.for_each_task([this](const core::Task& task) { compare_.push_back(task.spec.id); });
  std::ranges::reverse(compare_);  // taken from the end
}

void Views::changed(const core::Changes& changes) {
  if (changes.empty()) return;
  for (const std::string& task_id : changes.tasks)
    if (world_.core.task(task_id) != nullptr) plans_[task_id];
  for (const std::string& task_id : changes.created)
    if (world_.core.task(task_id) != nullptr) {
      plans_[task_id].all = true;
      fresh_.insert(task_id);
    }
  for (const std::string& subtask_id : changes.subtasks)
    if (const core::Subtask* subtask = world_.core.subtask(subtask_id)) plans_[subtask->task_id].subtasks.insert(subtask_id);
  for (const auto& task : changes.ended) {
    plans_.erase(task->spec.id);
    fresh_.erase(task->spec.id);
    ended_[task->spec.id] = task;
  }
  state_due_ = true;
}

Result<> Views::put(const std::string& path, const std::string& bytes) {
  const std::string beside = hidden(path);
  TRY(world_.files.write(beside, bytes));
  TRY(world_.files.rename(beside, path, platform::Replace::yes));
  if (path.starts_with(paths::k_plans) || path.starts_with(paths::k_subtasks)) own_.insert(path);
  return {};
}

// The spec names the plan both ways: orch-<id>.json and <id>.json.
Result<> Views::link(const std::string& task_id) {
  const std::string path = paths::plan_link(task_id);
  if (const auto stands = world_.files.stat(path)) {
    if (stands->type == platform::FileType::symlink) return {};
    return fail(ErrorCode::refused, path + " is no symlink");
  }
  const auto linked = world_.files.symlink(paths::orchestration_id(task_id) + ".json", path);
  own_.insert(path);
  return linked;
}

Result<> Views::write_task(const core::Task& task, const std::set<std::string>* subtasks) {
  protocol::WaitsFor waits_for;
  for (const core::Subtask& subtask : task.subtasks) {
    auto waits = core::is_final(task.status) ? std::vector<core::WaitsFor>{} : world_.core.waits_for(subtask.spec.id);
    if (subtasks == nullptr || subtasks->contains(subtask.spec.id))
      TRY(put(paths::subtask(subtask.spec.id), protocol::write_subtask(task, subtask, waits)));
    if (!waits.empty()) waits_for[subtask.spec.id] = std::move(waits);
  }
  TRY(put(paths::plan(task.spec.id), protocol::write_plan(task, waits_for)));
  const auto linked = link(task.spec.id);
  if (!linked && linked.error().code == ErrorCode::refused)  // no symlinks here: a copy
    TRY(put(paths::plan_link(task.spec.id), protocol::write_plan(task, waits_for)));
  else
    TRY(linked);
  const std::string escalation = paths::escalation(task.spec.id);
  if (task.status == core::PlanStatus::blocked) return put(escalation, protocol::write_escalation(task));
  return world_.files.remove(escalation);
}

Result<> Views::write_ended(const core::Task& task) {
  TRY(write_task(task, nullptr));
  TRY(put(paths::report_json(task.spec.id), protocol::write_report(task)));
  return put(paths::report_md(task.spec.id), protocol::write_report_markdown(task));
}

std::optional<std::int64_t> Views::next_deadline() const {
  std::optional<std::int64_t> next;
  const auto consider = [&next](std::int64_t at) { next = std::min(next.value_or(at), at); };
  if (!fresh_.empty()) consider(failed_until_ms_);
  if (!plans_.empty() || !ended_.empty() || !compare_.empty()) consider(batch_next_ms_);
  if (state_due_) consider(state_next_ms_);
  for (const auto& [path, at] : restore_) consider(at);
  return next;
}

Result<> Views::write(const protocol::StateView& state, Turn& turn) {
  const std::int64_t begin = platform::now().boot_ms;
  const auto over = [begin] { return platform::now().boot_ms - begin >= k_slice_ms; };
  // A task that is new is shown at once; only what is shown already is paced.
  while (!fresh_.empty() && begin >= failed_until_ms_ && !over()) {
    const std::string task_id = *fresh_.begin();
    if (const core::Task* task = world_.core.task(task_id)) TRY(write_task(*task, nullptr));
    plans_.erase(task_id);
    fresh_.erase(task_id);
  }
  if (begin >= batch_next_ms_) {
    while (!ended_.empty() && !over()) {
      TRY(write_ended(*ended_.begin()->second));
      done_.push_back(ended_.begin()->first);
      ended_.erase(ended_.begin());
    }
    while (ended_.empty() && !plans_.empty() && !over()) {
      const auto first = plans_.begin();
      const core::Task* task = world_.core.task(first->first);
      const std::int64_t started = platform::now().boot_ms;
      if (task != nullptr) TRY(write_task(*task, first->second.all ? nullptr : &first->second.subtasks));
      fresh_.erase(first->first);
      plans_.erase(first);
      const std::int64_t took = platform::now().boot_ms - started;
      if (took > k_slice_ms) batch_next_ms_ = begin + k_pause_factor * took;
    }
    if (ended_.empty() && plans_.empty()) {
      TRY(compare_some());
      batch_next_ms_ = std::max(batch_next_ms_, begin + world_.config.view_interval_ms);
    }
  }
  for (auto at = restore_.begin(); at != restore_.end();) {
    if (at->second > begin) {
      ++at;
      continue;
    }
    TRY(put_back(at->first, turn));
    at = restore_.erase(at);
  }
  if (state_due_ && begin >= state_next_ms_) TRY(write_state(state));
  return {};
}

Result<> Views::write_state(const protocol::StateView& state) {
  const std::int64_t begin = platform::now().boot_ms;
  TRY(put(std::string(paths::k_state), protocol::write_state(world_.core, state)));
  const std::int64_t end = platform::now().boot_ms;
  state_due_ = false;
  state_next_ms_ = end + std::max(world_.config.view_interval_ms, k_pause_factor * (end - begin));
  return {};
}

// After a start the files of live tasks may be older than the journal, edited or gone.
Result<> Views::compare_some() {
  const std::int64_t begin = platform::now().boot_ms;
  while (!compare_.empty() && platform::now().boot_ms - begin < k_slice_ms) {
    const core::Task* task = world_.core.task(compare_.back());
    compare_.pop_back();
    if (task == nullptr) continue;
    const std::string path = paths::plan(task->spec.id);
    TRY_VALUE(const auto wanted, bytes_of(path));
    const auto stands = world_.files.read(path, 64 << 20);
    if (!stands || !wanted || stands->bytes != *wanted) TRY(write_task(*task, nullptr));
  }
  return {};
}

// What the view at `path` has to hold; nothing for a file that is no view of a known task.
Result<std::optional<std::string>> Views::bytes_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string stem = path.substr(slash + 1, path.size() - slash - 6);
  const bool is_subtask = path.starts_with(paths::k_subtasks);
  const core::Subtask* subtask = is_subtask ? world_.core.subtask(stem) : nullptr;
  const core::Task* task = is_subtask ? (subtask != nullptr ? world_.core.task(subtask->task_id) : nullptr)
                                      : world_.core.task(paths::task_of_orchestration(stem));
  std::optional<core::Task> ended;
  if (task == nullptr) {
    std::string id = paths::task_of_orchestration(stem);
    if (is_subtask) {
      TRY_VALUE(const auto owner, world_.store.task_of_subtask(stem));
      if (!owner) return std::optional<std::string>();
      id = owner->id;
    }
    TRY_VALUE(ended, world_.store.load_task(id));
    if (!ended) return std::optional<std::string>();
    task = &*ended;
  }
  const auto waits = [&](const std::string& id) { return ended ? std::vector<core::WaitsFor>{} : world_.core.waits_for(id); };
  if (is_subtask) {
    for (const core::Subtask& each : task->subtasks)
      if (each.spec.id == stem) return std::optional(protocol::write_subtask(*task, each, waits(stem)));
    return std::optional<std::string>();
  }
  protocol::WaitsFor waits_for;
  for (const core::Subtask& each : task->subtasks)
    if (auto reasons = waits(each.spec.id); !reasons.empty()) waits_for[each.spec.id] = std::move(reasons);
  return std::optional(protocol::write_plan(*task, waits_for));
}

void Views::moved(const std::string& path) {
  if (path.starts_with(paths::k_plans) || path.starts_with(paths::k_subtasks)) own_.insert(path);
}

void Views::noticed(const std::string& path) {
  if (const auto own = own_.find(path); own != own_.end()) {
    own_.erase(own);
    return;
  }
  if (!path.ends_with(".json")) return;
  const auto last = restored_.find(path);
  const std::int64_t at = last == restored_.end() ? 0 : last->second + k_restore_pause_ms;
  restore_.try_emplace(path, std::max(at, world_.now.boot_ms + world_.config.view_interval_ms));
}

Result<> Views::put_back(const std::string& path, Turn& turn) {
  TRY_VALUE(const auto wanted, bytes_of(path));
  if (!wanted) return {};
  const auto stat = world_.files.stat(path);
  if (stat && stat->type == platform::FileType::symlink) return {};
  const auto stands = world_.files.read(path, 64 << 20);
  if (stands && stands->bytes == *wanted) return {};
  TRY(put(path, *wanted));
  restored_[path] = world_.now.boot_ms;
  turn.say({"view_restored", "", "", "", {{"path", path}}});
  return {};
}

void Views::remember_into(store::Commit& commit) {
  commit.views_done.insert(commit.views_done.end(), done_.begin(), done_.end());
  done_.clear();
}

}  // namespace baton::service
