// Which task or subtask somebody means.
#include <algorithm>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/output.h"
#include "front/stored.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_json = ".json";
constexpr std::int64_t k_patience_ms = 300;    // for a view of what was handed in a moment ago
constexpr std::int64_t k_taken_in_ms = 5'000;  // for the plan of a file that was taken in: under a flood it waits for its turn
constexpr std::size_t k_least_short = 3;       // characters of an id that stand for all of it
constexpr std::size_t k_named = 5;             // of several

using Names = std::vector<std::string>;
using List = Names (*)(const Folder& folder, std::string_view path);

Names names_here(const Folder& folder, std::string_view path) { return folder.names(std::string(path)); }

Names task_ids(const Folder& folder, List names = names_here) {
  Names ids;
  for (const std::string& name : names(folder, paths::k_plans))
    if (name.starts_with("orch-") && name.ends_with(k_json))  // the other names are links to these
      ids.push_back(paths::task_of_orchestration(name.substr(0, name.size() - k_json.size())));
  return ids;
}

Names subtask_ids(const Folder& folder, List names = names_here) {
  Names ids;
  for (const std::string& name : names(folder, paths::k_subtasks))
    if (name.ends_with(k_json)) ids.push_back(name.substr(0, name.size() - k_json.size()));
  return ids;
}

/// A beginning that ends where a part of the id ends ("auth-002") is meant before any other.
std::vector<std::string> matching(const std::vector<std::string>& ids, std::string_view words) {
  std::vector<std::string> parts;
  std::vector<std::string> all;
  if (words.size() < k_least_short) return all;
  for (const std::string& id : ids) {
    if (!id.starts_with(words) && !id.ends_with(words)) continue;
    all.push_back(id);
    if (id.starts_with(std::string(words) + "-")) parts.push_back(id);
  }
  return parts.size() == 1 ? parts : all;
}

tl::unexpected<Error> several(std::string_view words, std::string_view what, const std::vector<std::string>& ids) {
  return fail(
      ErrorCode::refused,
      "\"" + text::printable(words) + "\" names " + std::to_string(ids.size()) + " " + std::string(what) + ": " + some_of(ids),
      "write more of the id");
}

tl::unexpected<Error> unknown(std::string_view words, std::string_view what, const std::vector<std::string>& ids) {
  return fail(ErrorCode::not_found,
              "no " + std::string(what) + " \"" + text::printable(words) + "\"" + text::did_you_mean(words, ids),
              "see: baton list --all");
}

Result<Subject> subtask_subject(const Folder& folder, const std::string& id) {
  TRY_VALUE(const LoadedSubtask loaded, load_subtask(folder, id));
  if (!is_task_id(loaded.subtask.task_id))
    return fail(ErrorCode::invalid, paths::subtask(id) + " does not say which task it belongs to");
  return Subject{Named::subtask, id, loaded.subtask.task_id};
}

/// By a whole id.
Result<std::optional<Subject>> exactly(const Folder& folder, std::string_view words) {
  const std::string task = paths::task_of_orchestration(words);
  if (is_task_id(task) && is_stored(folder, paths::plan(task))) return std::optional(Subject{Named::task, task, task});
  if (!is_record_id(words) || !is_stored(folder, paths::subtask(words))) return std::optional<Subject>{};
  TRY_VALUE(Subject subject, subtask_subject(folder, std::string(words)));
  return std::optional(std::move(subject));
}

/// The file of that name in a folder of dropped ones; "" = none.
std::string dropped_name(const Folder& folder, std::string_view where, std::string_view id, std::string_view ending = "") {
  for (const char* suffix : {".json", ".md"})
    if (folder.exists(paths::join(where, std::string(id) + suffix + std::string(ending)))) return std::string(id) + suffix;
  return {};
}

/// A task by its file: not looked at yet, taken in a moment ago, or refused.
Result<std::optional<Subject>> by_file(const Folder& folder, const std::string& id) {
  if (!is_task_id(id)) return std::optional<Subject>{};
  if (!dropped_name(folder, paths::k_drop, id).empty()) return std::optional(Subject{Named::queued, id, id});
  if (!dropped_name(folder, paths::k_accepted, id).empty()) {
    const auto stands = [&] { return is_stored(folder, paths::plan(id)); };
    if (folder.daemon()) TRY(await(folder, {std::string(paths::k_plans)}, k_taken_in_ms, stands));
    if (stands()) return std::optional(Subject{Named::task, id, id});
  }
  if (const std::string name = dropped_name(folder, paths::k_rejected, id, ".error.json"); !name.empty())
    return tl::make_unexpected(refusal(folder, name));
  return std::optional<Subject>{};
}

Result<std::optional<Subject>> abbreviated(const Folder& folder, std::string_view words, List names) {
  const Names tasks = matching(task_ids(folder, names), words);
  if (tasks.size() == 1) return std::optional(Subject{Named::task, tasks.front(), tasks.front()});
  if (tasks.size() > 1) return several(words, "tasks", tasks);
  const Names subtasks = matching(subtask_ids(folder, names), words);
  if (subtasks.size() > 1) return several(words, "subtasks", subtasks);
  if (subtasks.empty()) return std::optional<Subject>{};
  TRY_VALUE(Subject subject, subtask_subject(folder, subtasks.front()));
  return std::optional(std::move(subject));
}

}  // namespace

std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), k_named);
  std::string text = text::join({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown)}, ", ");
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

Result<Subject> find_subject(const Folder& folder, std::string_view words) {
  if (text::trim(words).empty()) return fail(ErrorCode::usage, "the id is empty", "all ids: baton list --all");
  TRY_VALUE(std::optional<Subject> found, exactly(folder, words));
  const std::string task = paths::task_of_orchestration(words);
  if (!found) {
    TRY_VALUE(found, by_file(folder, task));
  }
  // The archive comes last: there is ever more in it that begins alike.
  for (const List names : {List(names_here), List(archived_names)}) {
    if (found) break;
    TRY_VALUE(found, abbreviated(folder, words, names));
  }
  if (!found && is_task_id(task) && folder.daemon()) {  // it may be on its way
    TRY(await(folder, {std::string(paths::k_plans)}, k_patience_ms, [&] { return folder.exists(paths::plan(task)); }));
    TRY_VALUE(found, exactly(folder, words));
  }
  if (found) return std::move(*found);
  if (is_task_id(task) && !dropped_name(folder, paths::k_accepted, task).empty())
    return fail(ErrorCode::not_found, "task " + task + " was taken in, but no plan of that name stands here",
                "its document may hold an id of its own, or the plan was removed; see: baton list --all");
  return unknown(words, "task", task_ids(folder));
}

Result<Subject> find_task(const Folder& folder, std::string_view words, Output& out) {
  TRY_VALUE(Subject subject, find_subject(folder, words));
  if (subject.what == Named::subtask) {
    out.note(text::printable(subject.id + " is a subtask of " + subject.task));
    subject = {Named::task, subject.task, subject.task};
  }
  return subject;
}

Result<std::string> find_subtask(const Folder& folder, std::string_view words) {
  if (is_record_id(words) && is_stored(folder, paths::subtask(words))) return std::string(words);
  const std::vector<std::string> ids = subtask_ids(folder);
  const std::vector<std::string> found = matching(ids, words);
  if (found.size() == 1) return found.front();
  return found.empty() ? unknown(words, "subtask", ids) : several(words, "subtasks", found);
}

}  // namespace baton::front
