// Names of the kinds of documents, their schemas, and which kind a file is.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/result.h"
#include "embedded/schemas.h"
#include "protocol/paths.h"
#include "protocol/validate.h"

namespace baton::protocol {
namespace {

struct Row {
  Kind kind;
  std::string_view name;
  std::string_view schema;
};
constexpr Row k_rows[] = {
    {Kind::task, "task", "task.schema.json"},
    {Kind::result, "result", "result.schema.json"},
    {Kind::handoff, "handoff", "handoff.schema.json"},
    {Kind::worker_spec, "worker_spec", "worker-spec.schema.json"},
    {Kind::command, "command", "command.schema.json"},
    {Kind::config, "config", "config.schema.json"},
    {Kind::master, "master", "master.schema.json"},
    {Kind::playbook, "playbook", "playbook.schema.json"},
    {Kind::planner_request, "planner_request", "planner-request.schema.json"},
    {Kind::planner_answer, "planner_answer", "planner-answer.schema.json"},
    {Kind::plan, "plan", "plan.schema.json"},
    {Kind::subtask, "subtask", "subtask.schema.json"},
    {Kind::state, "state", "state.schema.json"},
    {Kind::report, "report", "report.schema.json"},
    {Kind::escalation, "escalation", "escalation.schema.json"},
    {Kind::notification, "notification", "notification.schema.json"},
    {Kind::answer, "answer", "answer.schema.json"},
    {Kind::reason, "reason", "reason.schema.json"},
    {Kind::estimates, "estimates", "estimates.schema.json"},
    {Kind::processes, "processes", "processes.schema.json"},
    {Kind::event, "event", "event.schema.json"},
};
constexpr std::size_t k_count = static_cast<std::size_t>(Kind::event) + 1;
static_assert(std::size(k_rows) == k_count);

const Row& row(Kind kind) {
  const Row& found = k_rows[static_cast<std::size_t>(kind)];
  BATON_ASSERT(found.kind == kind);
  return found;
}

struct Folder {
  std::string_view in_path;  // somewhere in the path, with slashes around
  Kind kind;
};
/// The first that fits; results and handoffs lie in the same folder and are told apart by name.
constexpr Folder k_folders[] = {
    {"/commands/done/", Kind::answer},    {"/commands/", Kind::command},
    {"/orchestrator/tasks/", Kind::plan}, {"/orchestrator/subtasks/", Kind::subtask},
    {"/reports/", Kind::report},          {"/escalations/", Kind::escalation},
    {"/playbooks/", Kind::playbook},      {"/worker-specs/", Kind::worker_spec},
    {"/task-queue.d/", Kind::task},
};

std::optional<Kind> by_path(std::string_view path) {
  const std::string slashed = "/" + std::string(path);
  const std::string_view name = std::string_view(slashed).substr(slashed.rfind('/') + 1);
  if (paths::is_error_name(name)) return Kind::reason;
  if (name.find("from-") == 0 && name.find("-subtask-") != std::string_view::npos) return Kind::result;
  if (name.find("to-") == 0 && name.find("-subtask-") != std::string_view::npos) return Kind::handoff;
  if (name == "master.json") return Kind::master;
  if (slashed.ends_with("/orchestrator/config.json") || name == "config.json") return Kind::config;
  if (slashed.ends_with("/state/current.json")) return Kind::state;
  if (slashed.ends_with("/state/estimates.json")) return Kind::estimates;
  if (slashed.ends_with("/state/processes.json")) return Kind::processes;
  for (const Folder& folder : k_folders)
    if (slashed.find(folder.in_path) != std::string::npos) return folder.kind;
  return std::nullopt;
}

struct Sign {
  std::string_view key;
  Kind kind;
};
/// A member that only this kind has; the first that is there decides.
constexpr Sign k_signs[] = {
    {"execution_plan", Kind::plan},
    {"parent_task_id", Kind::subtask},
    {"handoff_type", Kind::handoff},
    {"result_file", Kind::handoff},
    {"parent_orchestration", Kind::handoff},
    {"current_orchestrations", Kind::state},
    {"answer_schema", Kind::planner_request},
    {"estimates", Kind::estimates},
    {"processes", Kind::processes},
    {"raised_at", Kind::notification},
    {"command", Kind::command},
    {"steps", Kind::playbook},
    {"seq", Kind::event},
    {"failure_class", Kind::result},
    {"worker_id", Kind::worker_spec},
    {"title", Kind::task},
    {"description", Kind::task},
    {"tasks", Kind::task},
    {"subtasks", Kind::planner_answer},
};

std::optional<Kind> by_content(const nlohmann::json& document) {
  if (document.is_array()) return Kind::task;
  if (!document.is_object()) return std::nullopt;
  for (const Sign& sign : k_signs)
    if (document.contains(std::string(sign.key))) return sign.kind;
  return std::nullopt;
}

}  // namespace

std::string_view name(Kind kind) { return row(kind).name; }

std::span<const Kind> all_kinds() {
  static const auto kinds = [] {
    std::array<Kind, k_count> all{};
    for (std::size_t i = 0; i < k_count; ++i) all[i] = k_rows[i].kind;
    return all;
  }();
  return kinds;
}

std::string_view schema_text(Kind kind) {
  const auto files = embedded::schemas::files();
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == row(kind).schema; });
  BATON_ASSERT(found != files.end());
  return found->content;
}

std::optional<Kind> guess_kind(std::string_view path, const nlohmann::json& document) {
  if (auto kind = by_path(path)) return kind;
  return by_content(document);
}

}  // namespace baton::protocol
