#include "front/revision.h"

#include <map>
#include <vector>

#include "front/dom.h"

namespace baton::front {
namespace {

constexpr std::string_view k_of_task[] = {"priority", "execution_mode", "success_criteria", "checkpoint", "time_limit"};
constexpr std::string_view k_of_subtask[] = {"title",
                                             "description",
                                             "assigned_to",
                                             "worker_type",
                                             "files_affected",
                                             "success_criteria",
                                             "estimated_complexity",
                                             "estimated_duration_minutes",
                                             "estimated_tokens",
                                             "orchestration_prompt",
                                             "checkpoint",
                                             "time_limit",
                                             "orchestrate"};

Result<> copy(const dom::Object& from, std::string_view key, std::string_view as, Data& to) {
  dom::Element value;
  if (from[key].get(value) != simdjson::SUCCESS || value.is_null()) return {};
  TRY_VALUE(Data copied, Data::parse(simdjson::minify(value)));
  to.set(as, std::move(copied));
  return {};
}

/// Steps that came in their place, or mended what a check of the whole found, are made anew when they are needed.
bool is_planned(const dom::Object& subtask, const std::string& task_id) {
  return dom::text(subtask, "status") != "superseded" && !dom::text(subtask, "subtask_id").starts_with(task_id + "-fix-");
}

std::string name_of(const dom::Object& subtask) {
  const std::string given = dom::text(subtask, "given_id");
  return given.empty() ? dom::text(subtask, "subtask_id") : given;
}

using Names = std::map<std::string, std::string>;  // id of now → its name in the new plan

Result<Data> step(const dom::Object& subtask, const Names& names) {
  Data data;
  data.set("subtask_id", name_of(subtask));
  for (const std::string_view key : k_of_subtask) TRY(copy(subtask, key, key, data));
  std::vector<std::string> needed;
  for (const std::string& id : dom::texts(subtask, "dependencies"))
    if (const auto known = names.find(id); known != names.end()) needed.push_back(known->second);
  data.set("dependencies", needed);
  return data;
}

}  // namespace

Result<Data> revision_of(std::string_view plan, const std::string& new_id, int from_stage) {
  simdjson::dom::parser parser;
  dom::Object root;
  if (parser.parse(plan.data(), plan.size()).get(root) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the plan is no JSON object");
  const std::string task_id = dom::text(root, "parent_task_id");
  std::vector<dom::Object> kept;
  Names names;
  dom::each(root, "subtasks", [&](const dom::Object& subtask) {
    if (dom::integer(subtask, "stage") < from_stage || !is_planned(subtask, task_id)) return;
    kept.push_back(subtask);
    names[dom::text(subtask, "subtask_id")] = name_of(subtask);
  });
  if (kept.empty()) return fail(ErrorCode::not_found, "task " + task_id + " has no stage " + std::to_string(from_stage));
  Data subtasks = Data::array();
  for (const dom::Object& subtask : kept) {
    TRY_VALUE(Data made, step(subtask, names));
    subtasks.push(std::move(made));
  }
  Data task;
  task.set("id", new_id).set("orchestration_required", true);
  TRY(copy(root, "task_title", "title", task));
  for (const std::string_view key : k_of_task) TRY(copy(root, key, key, task));
  Data metadata;
  metadata.set("redo_of", task_id).set("from_stage", from_stage);
  task.set("metadata", std::move(metadata)).set("subtasks", std::move(subtasks));
  return task;
}

}  // namespace baton::front
