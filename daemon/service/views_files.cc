// What the views hold, and how they get their place.
#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/views.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_max_view_bytes = 64 << 20;

std::string hidden(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(0, slash + 1) + ".baton-" + path.substr(slash + 1);
}

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

/// What fails for one file holds back no other. The first failure counts, but lack of space more than any.
void keep_worst(Result<>& worst, const Result<>& now) {
  if (!now && (worst || (worst.error().code != ErrorCode::no_space && now.error().code == ErrorCode::no_space))) worst = now;
}

template <class Value>
Result<> outcome(const Result<Value>& result) {
  return result ? Result<>() : Result<>(tl::make_unexpected(result.error()));
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
  const std::string beside = hidden(path);
  TRY_VALUE(const platform::Stat written, world_.files.write(beside, bytes));
  if (const auto placed = world_.files.rename(beside, path, platform::Replace::yes); !placed) {
    static_cast<void>(world_.files.remove(beside));
    return tl::make_unexpected(placed.error());
  }
  if (is_watched(path)) own_.insert(path);
  return written;
}

bool Views::holds(const std::string& path, const std::string& bytes) {
  const auto stands = world_.files.read(path, k_max_view_bytes);
  return stands && stands->bytes == bytes;
}

// The spec names the plan both ways: orch-<id>.json and <id>.json.
Result<> Views::link(const std::string& task_id, const std::string& plan, bool look) {
  const std::string path = paths::plan_link(task_id);
  const std::string target = paths::orchestration_id(task_id) + ".json";
  const auto before = world_.files.stat(path);
  const bool is_symlink = before && before->type == platform::FileType::symlink;
  if (is_symlink && !look) return {};
  if (is_symlink) {
    TRY(world_.files.symlink(target, path));  // does nothing to the right one
    const auto after = world_.files.stat(path);
    if (after && !(after->identity == before->identity)) own_.insert(path);
    return {};
  }
  const bool in_place_of_a_copy = before.has_value();  // then it appears by rename
  const std::string made_at = in_place_of_a_copy ? hidden(path) : path;
  const auto made = world_.files.symlink(target, made_at);
  if (!made && made.error().code != ErrorCode::refused) return made;
  if (!made) return holds(path, plan) ? Result<>() : outcome(put(path, plan));  // no symlinks here: a copy
  if (in_place_of_a_copy) TRY(world_.files.rename(made_at, path, platform::Replace::yes));
  own_.insert(path);
  return {};
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
  return look && holds(path, bytes) ? Result<>() : outcome(put(path, bytes));
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

Result<> Views::write_ended(const core::Task& task) {
  Result<> done = write_task(task, nullptr);
  keep_worst(done, outcome(put(paths::report_json(task.spec.id), protocol::write_report(task))));
  keep_worst(done, outcome(put(paths::report_md(task.spec.id), protocol::write_report_markdown(task))));
  return done;
}

Result<> Views::compare(const core::Task& task) {
  Result<> done;
  const std::vector<File> files = render(task, nullptr);
  for (const File& file : files)
    if (!holds(file.path, file.bytes)) keep_worst(done, outcome(put(file.path, file.bytes)));
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

Result<> Views::put_back(const std::string& path, Turn& turn) {
  const auto stands = world_.files.stat(path);
  if (path == paths::k_state) {
    if (!stands || !(stands->identity == state_file_)) state_due_ = true;
    return {};
  }
  TRY_VALUE(const Owner owner, owner_of(path));
  if (owner.task() == nullptr || (owner.has_ended && !stands)) return {};
  const auto wanted = bytes_of(path, *owner.task(), owner.has_ended.has_value());
  if (!wanted) return {};
  if (is_link(path)) {
    TRY(link(owner.task()->spec.id, *wanted, true));
    const auto now = world_.files.stat(path);
    if (stands && now && now->identity == stands->identity) return {};
  } else {
    if (holds(path, *wanted)) return {};
    TRY(put(path, *wanted));
  }
  restored_[path] = platform::now().boot_ms;
  turn.say({"view_restored", "", "", "", {{"path", path}}});
  return {};
}

}  // namespace baton::service
