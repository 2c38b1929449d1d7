#include "service/view_files.h"

#include "protocol/paths.h"
#include "protocol/writers.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_max_view_bytes = 64 << 20;
}  // namespace

std::string ViewFiles::hidden(const std::string& path) const {
  const auto slash = path.rfind('/');
  return path.substr(0, slash + 1) + mark_ + path.substr(slash + 1);
}

void keep_worst(Result<>& worst, const Result<>& now) {
  if (!now && (worst || (worst.error().code != ErrorCode::no_space && now.error().code == ErrorCode::no_space))) worst = now;
}

Result<platform::Stat> ViewFiles::put(const std::string& path, const std::string& bytes) {
  const std::string beside = hidden(path);
  TRY_VALUE(const platform::Stat written, files_.write(beside, bytes));
  if (const auto placed = files_.rename(beside, path, platform::Replace::yes); !placed) {
    static_cast<void>(files_.remove(beside));
    return tl::make_unexpected(placed.error());
  }
  placed_.push_back(path);
  return written;
}

bool ViewFiles::holds(const std::string& path, const std::string& bytes) {
  const auto stands = files_.read(path, k_max_view_bytes);
  return stands && stands->bytes == bytes;
}

// The spec names the plan both ways: orch-<id>.json and <id>.json.
Result<> ViewFiles::link(const std::string& task_id, const std::string& plan, bool look) {
  const std::string path = paths::plan_link(task_id);
  const std::string target = paths::orchestration_id(task_id) + ".json";
  const auto before = files_.stat(path);
  const bool is_symlink = before && before->type == platform::FileType::symlink;
  if (is_symlink && !look) return {};
  if (is_symlink) {
    TRY(files_.symlink(target, path));  // does nothing to the right one
    const auto after = files_.stat(path);
    if (after && !(after->identity == before->identity)) placed_.push_back(path);
    return {};
  }
  const bool in_place_of_a_copy = before.has_value();  // then it appears by rename
  const std::string made_at = in_place_of_a_copy ? hidden(path) : path;
  const auto made = files_.symlink(target, made_at);
  if (!made && made.error().code != ErrorCode::refused) return made;
  if (!made) return holds(path, plan) ? Result<>() : outcome(put(path, plan));  // no symlinks here: a copy
  if (in_place_of_a_copy) TRY(files_.rename(made_at, path, platform::Replace::yes));
  placed_.push_back(path);
  return {};
}

Result<> ViewFiles::put_last(const core::Task& task) {
  Result<> done;
  for (const core::Subtask& subtask : task.subtasks)
    keep_worst(done, outcome(put(paths::subtask(subtask.spec.id), protocol::write_subtask(task, subtask, {}))));
  const std::string plan = protocol::write_plan(task, {});
  keep_worst(done, outcome(put(paths::plan(task.spec.id), plan)));
  keep_worst(done, link(task.spec.id, plan, true));
  keep_worst(done, outcome(put(paths::report_md(task.spec.id), protocol::write_report_markdown(task))));
  keep_worst(done, outcome(put(paths::report_json(task.spec.id), protocol::write_report(task))));
  return done;
}

std::vector<std::string> ViewFiles::last_paths(const core::Task& task) {
  std::vector<std::string> all{paths::plan(task.spec.id), paths::plan_link(task.spec.id), paths::report_json(task.spec.id),
                               paths::report_md(task.spec.id)};
  for (const core::Subtask& subtask : task.subtasks) all.push_back(paths::subtask(subtask.spec.id));
  return all;
}

}  // namespace baton::service
