// What the views hold, and how they get their place.
#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/views.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

bool is_watched(std::string_view path) {
  return path.starts_with(paths::k_plans) || path.starts_with(paths::k_subtasks) || path.starts_with(paths::k_reports) ||
         path.starts_with(paths::k_state_folder);
}

/// 0: nothing.
std::size_t hash_of(const std::vector<core::WaitsFor>& waits) {
  std::string text;
  for (const core::WaitsFor& wait : waits) text += wait.reason + ' ' + wait.subject + '\n';
  return waits.empty() ? 0 : std::hash<std::string>()(text) | 1;
}

/// A heartbeat, or a look that found nothing new, is not worth a view.
bool stand_alike(const std::optional<core::WorkerStanding>& one, const std::optional<core::WorkerStanding>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  core::WorkerStanding as_other = *one;
  as_other.last_heartbeat = other->last_heartbeat;
  as_other.evidence = other->evidence;
  return as_other == *other;
}

/// orchestrator/tasks/orch-t.json → orch-t
std::string stem_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(slash + 1, path.rfind('.') - slash - 1);
}

bool is_link(const std::string& path) {
  return path.starts_with(paths::k_plans) && path != paths::plan(paths::task_of_orchestration(stem_of(path)));
}

}  // namespace

Result<platform::Stat> Views::put(const std::string& path, const std::string& bytes) {
  auto written = files_.put(path, bytes);
  expect(files_.take_placed());
  return written;
}

Result<> Views::link(const std::string& task_id, const std::string& plan, bool look) {
  const auto linked = files_.link(task_id, plan, look);
  expect(files_.take_placed());
  return linked;
}

void Views::expect(const std::vector<std::string>& placed) {
  for (const std::string& path : placed)
    if (is_watched(path)) own_.insert(path);
}

std::vector<Views::File> Views::render(const core::Task& task, const std::set<std::string>* subtasks) {
  std::vector<File> files;
  protocol::Standings standings;
  for (const core::Subtask& subtask : task.subtasks) {
    const std::string& id = subtask.spec.id;
    protocol::Standing standing;
    if (!core::is_final(task.status)) standing = {world_.core.waits_for(id), world_.core.worker_standing(id)};
    // Another one's end changes what this one waits for, and silence how its worker stands: nothing in its own record.
    Shown& shown = shown_[id];
    const std::size_t waits = hash_of(standing.waits_for);
    const bool otherwise = waits != shown.waits || !stand_alike(standing.worker, shown.worker);
    if (otherwise || subtasks == nullptr || subtasks->contains(id)) {
      files.push_back({paths::subtask(id), protocol::write_subtask(task, subtask, standing)});
      shown = {waits, standing.worker};
    }
    standing.worker = shown.worker;  // the plan says the same as the file
    if (!shown.worker && shown.waits == 0)
      shown_.erase(id);
    else
      standings[id] = std::move(standing);
  }
  files.push_back({paths::plan(task.spec.id), protocol::write_plan(task, standings)});
  return files;
}

Result<> Views::write_task(const core::Task& task, const std::set<std::string>* subtasks) {
  Result<> done;
  const std::vector<File> files = render(task, subtasks);
  for (const File& file : files) keep_worst(done, outcome(put(file.path, file.bytes)));
  keep_worst(done, link(task.spec.id, files.back().bytes, subtasks == nullptr));
  keep_worst(done, escalate(task, false));
  return done;
}

Result<> Views::escalate(const core::Task& task, bool look) {
  const std::string path = paths::escalation(task.spec.id);
  if (task.status != core::PlanStatus::blocked) return take_back_escalation(path);
  if (escalations_) escalations_->insert(path);
  const std::string bytes = protocol::write_escalation(task);
  return look && files_.holds(path, bytes) ? Result<>() : outcome(put(path, bytes));
}

// Few tasks were ever blocked: the folder is listed once, so that the others need no look.
Result<> Views::take_back_escalation(const std::string& path) {
  if (!escalations_) {
    const auto entries = world_.files.list(std::string(paths::k_escalations));
    if (!entries && entries.error().code != ErrorCode::not_found) return tl::make_unexpected(entries.error());
    escalations_.emplace();
    if (entries)
      for (const platform::Entry& entry : *entries) escalations_->insert(paths::join(paths::k_escalations, entry.name));
  }
  if (!escalations_->contains(path)) return {};
  TRY(world_.files.remove(path));
  escalations_->erase(path);
  return {};
}

// What is not in the last views: that nobody has to decide any more, and what its subtasks waited for.
Result<> Views::close(const core::Task& task) {
  for (const core::Subtask& subtask : task.subtasks) shown_.erase(subtask.spec.id);
  return take_back_escalation(paths::escalation(task.spec.id));
}

Result<> Views::compare(const core::Task& task) {
  Result<> done;
  const std::vector<File> files = render(task, nullptr);
  for (const File& file : files)
    if (!files_.holds(file.path, file.bytes)) keep_worst(done, outcome(put(file.path, file.bytes)));
  keep_worst(done, link(task.spec.id, files.back().bytes, true));
  keep_worst(done, escalate(task, true));
  return done;
}

// The task whose view `path` is by its name.
Result<Views::Owner> Views::owner_of(const std::string& path) {
  Owner owner;
  std::string id = paths::task_of_orchestration(stem_of(path));
  if (path.starts_with(paths::k_subtasks)) {
    const core::Subtask* subtask = world_.core.subtask(stem_of(path));
    id = subtask == nullptr ? std::string() : subtask->task_id;
    if (subtask == nullptr) {
      TRY_VALUE(const auto ended, world_.history.task_of_subtask(stem_of(path)));
      if (ended) id = ended->id;
    }
  }
  owner.live = world_.core.task(id);
  if (owner.live == nullptr && !id.empty()) {
    TRY_VALUE(owner.has_ended, world_.history.load_task(id));
  }
  return owner;
}

/// As its file says it: what changes with every heartbeat is no reason to put a view back.
protocol::Standing Views::shown_standing(const std::string& subtask_id) const {
  const auto shown = shown_.find(subtask_id);
  return {world_.core.waits_for(subtask_id),
          shown == shown_.end() ? world_.core.worker_standing(subtask_id) : shown->second.worker};
}

std::optional<std::string> Views::bytes_of(const std::string& path, const core::Task& task, bool has_ended) {
  const auto standing = [&](const std::string& id) { return has_ended ? protocol::Standing{} : shown_standing(id); };
  if (path.starts_with(paths::k_reports)) {
    if (!has_ended) return std::nullopt;
    return path.ends_with(".md") ? protocol::write_report_markdown(task) : protocol::write_report(task);
  }
  if (!path.ends_with(".json")) return std::nullopt;
  if (path.starts_with(paths::k_subtasks)) {
    for (const core::Subtask& each : task.subtasks)
      if (each.spec.id == stem_of(path)) return protocol::write_subtask(task, each, standing(each.spec.id));
    return std::nullopt;
  }
  protocol::Standings standings;
  for (const core::Subtask& each : task.subtasks) standings[each.spec.id] = standing(each.spec.id);
  return protocol::write_plan(task, standings);
}

Result<bool> Views::restore_file(const std::string& path) {
  const auto stands = world_.files.stat(path);
  TRY_VALUE(const Owner owner, owner_of(path));
  if (owner.task() == nullptr || (owner.has_ended && !stands)) return false;
  const auto wanted = bytes_of(path, *owner.task(), owner.has_ended.has_value());
  if (!wanted) return false;
  if (is_link(path)) {
    TRY(link(owner.task()->spec.id, *wanted, true));
    const auto now = world_.files.stat(path);
    return !(stands && now && now->identity == stands->identity);
  }
  if (files_.holds(path, *wanted)) return false;
  TRY(put(path, *wanted));
  return true;
}

// It is written with this pass, or when its time has come.
Result<bool> Views::restore_state() {
  const auto stands = world_.files.stat(std::string(paths::k_state));
  if (stands && stands->identity == state_file_) return false;
  state_due_ = true;
  return true;
}

// Likewise.
Result<bool> Views::restore_processes() {
  const auto stands = world_.files.stat(std::string(paths::k_processes));
  if (stands && stands->identity == processes_file_) return false;
  processes_.forget();
  return true;
}

Result<bool> Views::restore_estimates() {
  const std::string path(paths::k_estimates);
  const std::string wanted = protocol::write_estimates(world_.core.catalogue().durations);
  if (files_.holds(path, wanted)) return false;
  TRY(put(path, wanted));
  return true;
}

Result<> Views::put_back(const std::string& path, Turn& turn) {
  TRY_VALUE(const bool was_otherwise, path == paths::k_state       ? restore_state()
                                      : path == paths::k_estimates ? restore_estimates()
                                      : path == paths::k_processes ? restore_processes()
                                                                   : restore_file(path));
  if (!was_otherwise) return {};
  restored_[path] = platform::now().boot_ms;
  turn.say({"view_restored", "", "", "", {{"path", path}}});
  return {};
}

}  // namespace baton::service
