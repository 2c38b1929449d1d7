#include "base/time.h"
#include "protocol/validate.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

constexpr int k_split_parts = 2;

void task_object(JsonWriter& out, const core::TaskSpec& spec) {
  out.begin_object("task");
  out.member("id", spec.id);
  out.member("title", title_of(spec));
  out.member("description", spec.description);
  out.member_if("type", spec.type);
  out.member("priority", core::name(spec.priority));
  out.member("execution_mode", core::name(spec.mode));
  out.member("files_affected", spec.files_affected);
  out.member_if("success_criteria", spec.success_criteria);
  out.member_if("assigned_to", spec.assigned_to);
  out.member_if("depends_on", spec.depends_on);
  out.carried_if("checkpoint", spec.checkpoint);
  out.carried_if("context", spec.context);
  out.carried_if("metadata", spec.metadata);
  if (spec.time_limit_ms > 0) out.member("time_limit", format_duration(spec.time_limit_ms));
  if (spec.max_tokens > 0) out.member("max_tokens", spec.max_tokens);
  out.end_object();
}

void masters_array(JsonWriter& out, const core::Catalogue& catalogue) {
  out.begin_array("masters");
  for (const auto& [name, master] : catalogue.masters) {
    out.begin_object();
    out.member("name", name);
    out.member_if("description", master.description);
    out.member("domains", master.domains);
    out.member("keywords", master.keywords);
    if (master.max_active > 0) out.member("max_active", master.max_active);
    out.end_object();
  }
  out.end_array();
}

void limits_object(JsonWriter& out, int subtasks, int stages) {
  out.begin_object("limits");
  out.member("max_subtasks", subtasks);
  out.member("max_stages", stages);
  out.end_object();
}

void failure_object(JsonWriter& out, const core::Subtask& failed) {
  out.begin_object("failure");
  out.member("error", failed.error);
  out.member("cause", core::name(failed.failure_cause));
  out.member("attempts", failed.tries);
  out.member_if("evidence", failed.evidence);
  out.end_object();
}

void split_object(JsonWriter& out, const core::Subtask& whole) {
  const core::SubtaskSpec& spec = whole.spec;
  out.begin_object("split");
  out.member("parts", k_split_parts);
  out.member("rule",
             "Answer with exactly two subtasks instead of a plan: each with a title and files_affected, which together are the "
             "files of this subtask, each in one of the two, and no other. They are done by the same master.");
  out.begin_object("subtask");
  out.member("subtask_id", spec.id);
  out.member("title", spec.title);
  out.member("description", spec.description);
  out.member("assigned_to", spec.assigned_to);
  out.member("worker_type", spec.worker_type);
  out.member("files_affected", spec.files_affected);
  out.member_if("success_criteria", spec.success_criteria);
  out.member("estimated_duration_minutes", spec.estimated_minutes);
  out.member("estimated_tokens", spec.estimated_tokens);
  out.end_object();
  failure_object(out, whole);
  out.end_object();
}

void previous_object(JsonWriter& out, std::string_view answer, const std::vector<std::string>& problems) {
  out.begin_object("previous");
  out.member("answer", answer);
  out.member("problems", problems);
  out.end_object();
}

}  // namespace

std::string write_planner_request(const core::TaskSpec& spec, const core::Analysis& analysis, const core::Catalogue& catalogue,
                                  std::string_view previous_answer, const std::vector<std::string>& previous_problems,
                                  const core::Subtask* split) {
  JsonWriter out;
  out.begin_object();
  out.member("schema_version", 1);
  task_object(out, spec);
  analysis_object(out, analysis);
  masters_array(out, catalogue);
  if (split == nullptr)
    limits_object(out, catalogue.settings.max_subtasks, core::k_max_stages);
  else
    limits_object(out, k_split_parts, 1);
  out.key("answer_schema");
  out.carried(schema_text(Kind::planner_answer));
  if (split != nullptr) split_object(out, *split);
  if (!previous_problems.empty()) previous_object(out, previous_answer, previous_problems);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
