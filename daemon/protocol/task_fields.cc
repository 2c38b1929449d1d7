#include "protocol/task_fields.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/content.h"
#include "protocol/near_miss.h"
#include "protocol/paths.h"
#include "protocol/read_checkpoint.h"
#include "protocol/read_estimate.h"
#include "protocol/read_steps.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using core::Source;
using nlohmann::json;

const std::vector<std::string> k_taken_up{"pending", "queued"};
const std::vector<std::string> k_written_by_us{"assigned",  "orchestrating", "waiting", "in_progress",
                                               "completed", "failed",        "blocked", "cancelled"};

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A queue file is shared with others, who have words of their own for how far they are; only what was surely meant to be
/// `pending` is worth a complaint there. A dropped file is work to be done, and says nothing else.
Result<> check_status(Fields& fields, Source source) {
  fields.word("status");
  json* status = fields.find("status");
  if (status == nullptr || !status->is_string()) return {};
  const auto& word = status->get_ref<const std::string&>();
  const bool known = holds(k_written_by_us, word);
  if (holds(k_taken_up, word) || (known && source == Source::queue)) return {};
  const auto near = known ? std::nullopt : text::nearest(word, k_taken_up);
  if (!near && source == Source::queue) return {};
  const std::string quoted = "\"" + text::ellipsis(text::printable(word), 60) + "\"";
  if (known)
    return fields.document().error(
        fields.pointer("status"), "the status is " + quoted + ": a dropped task is taken up, whatever was",
        "take the status out, or use pending, to have it done; leave the task out if it is not to be done");
  return fields.document().error(fields.pointer("status"), "unknown status " + quoted,
                                 near ? "did you mean \"" + *near + "\"?" : "use pending, or leave it out");
}

/// 1 critical, 2 high, 3 medium, 4 and 5 low.
Result<> normalise_priority(Fields& fields) {
  fields.integer("priority");
  fields.word("priority");
  json* priority = fields.find("priority");
  if (priority == nullptr || !priority->is_number_integer()) return {};
  static constexpr std::array<const char*, 5> k_words{"critical", "high", "medium", "low", "low"};
  const auto number = priority->get<std::int64_t>();
  if (number < 1 || number > 5)
    return fields.document().error(fields.pointer("priority"), "unknown priority " + priority->dump(),
                                   "1 is critical, 2 high, 3 medium, 4 and 5 low");
  *priority = k_words.at(static_cast<std::size_t>(number - 1));
  return {};
}

Result<> normalise_approval(Fields& fields) {
  fields.boolean("approval");
  fields.word("approval");
  json* approval = fields.find("approval");
  if (approval == nullptr) return {};
  if (approval->is_boolean() ? !approval->get<bool>() : *approval == "none")
    fields.object().erase("approval");
  else if (approval->is_boolean())
    *approval = "required";
  return {};
}

/// "orch-" is how the plan of a task is called, not the task.
void drop_orchestration_prefix(Fields& fields) {
  fields.items("depends_on");
  json* ids = fields.find("depends_on");
  if (ids == nullptr) return;
  for (json& id : *ids)
    if (id.is_string()) id = paths::task_of_orchestration(text::trim(id.get_ref<const std::string&>()));
}

/// What a task may be called in documents of other tools. "to": "orchestrator" only says that the daemon is meant.
void understand_older_names(Fields& fields) {
  if (text_of(fields.object(), "to") == "orchestrator") fields.object().erase("to");
  fields.alias("id", {"task_id"});
  fields.alias("depends_on", {"dependencies"});
  fields.alias("created_at", {"timestamp"});
  fields.alias("assigned_to", {"to_master", "to_agent", "to"});
}

}  // namespace

Result<> normalise_task(Document& document, Source source) {
  json& task = document.root();
  if (!task.is_object()) return {};
  Fields fields(document, task, "");
  understand_older_names(fields);
  fields.text("title");
  fields.word("execution_mode");
  fields.word("planner");
  fields.boolean("orchestration_required");
  fields.master("assigned_to");
  fields.integer("max_tokens");
  fields.items("files_affected");
  fields.joined("success_criteria");
  drop_orchestration_prefix(fields);
  TRY(fields.id("id", is_task_id));
  TRY(fields.ids("depends_on", is_task_id));
  TRY(check_status(fields, source));
  TRY(normalise_priority(fields));
  TRY(normalise_approval(fields));
  TRY(normalise_checkpoint(fields));
  TRY(normalise_steps(fields));
  share_out_estimates(fields);
  return {};
}

namespace {

/// When a task was made is told for people only, so what cannot be read is no reason to refuse it.
std::int64_t created_at(Document& document) {
  const json& task = document.root();
  const auto found = task.find("created_at");
  if (found == task.end()) return 0;
  const auto stamp = parse_timestamp(found->is_string() ? found->get<std::string>() : found->dump());
  if (!stamp) {
    document.warn("created_at was ignored: " + stamp.error().message);
    return 0;
  }
  if (stamp->zone_assumed) document.warn("created_at has no time zone, UTC was taken");
  return stamp->wall_ms;
}

template <class Enum>
Enum word_of(const json& object, const char* key, Enum otherwise) {
  return core::parse<Enum>(text_of(object, key)).value_or(otherwise);
}

/// spec: "Each sub-task gets FULL orchestration". One at a time, what brings the prompt for it is orchestrated unless it says not
/// to be.
void orchestrate_in_full(const json& task, core::TaskSpec& spec) {
  if (spec.mode != core::ExecutionMode::sequential) return;
  for (std::size_t i = 0; i < spec.subtasks.size(); ++i)
    if (!spec.subtasks[i].orchestration_prompt.empty() && !task["subtasks"][i].contains("orchestrate"))
      spec.subtasks[i].orchestrate = true;
}

Result<core::TaskSpec> convert_task(Document& document, Source source) {
  const json& task = document.root();
  core::TaskSpec spec;
  spec.id = text_of(task, "id");
  spec.title = text_of(task, "title");
  spec.description = text_of(task, "description");
  spec.type = text_of(task, "type");
  spec.success_criteria = text_of(task, "success_criteria");
  spec.assigned_to = text_of(task, "assigned_to");
  if (task.contains("orchestration_required")) spec.orchestration_required = boolean_of(task, "orchestration_required");
  spec.priority = word_of(task, "priority", core::Priority::medium);
  spec.mode = word_of(task, "execution_mode", core::ExecutionMode::staged);
  spec.depends_on = texts_of(task, "depends_on");
  spec.playbook = text_of(task, "playbook");
  spec.planner = text_of(task, "planner");
  spec.context = carried_of(document, task, "", "context");
  spec.metadata = carried_of(document, task, "", "metadata");
  const WholeEstimate whole = whole_estimate(task);
  spec.estimated_minutes = whole.minutes;
  spec.estimated_tokens = whole.tokens;
  spec.max_tokens = integer_of(task, "max_tokens");
  spec.approval_required = task.contains("approval");
  spec.created_at = created_at(document);
  spec.source = source;
  TRY_VALUE(spec.files_affected, files_of(document, task, ""));
  TRY_VALUE(spec.checkpoint, checkpoint_of(document, task, ""));
  TRY_VALUE(spec.subtasks, convert_steps(document, task, ""));
  orchestrate_in_full(task, spec);
  TRY_VALUE(spec.time_limit_ms, time_limit_of(document, task, ""));
  return spec;
}

}  // namespace

Result<TaskIn> read_task(Document document, std::string_view own, Source source) {
  TRY(normalise_task(document, source));
  TRY(document.validate(Kind::task));
  TaskIn task;
  TRY_VALUE(task.spec, convert_task(document, source));
  task.spec.content_hash = content_hash(canonical_content(own));
  task.status = text_of(document.root(), "status");
  task.stamp = text_of(document.root(), "updated_at");
  task.document = own;
  for (const Problem& problem : near_misses(Kind::task, document.root())) document.warn(in_words(problem));
  task.warnings = document.take_warnings();
  return task;
}

}  // namespace baton::protocol
