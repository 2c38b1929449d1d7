// Tasks from the drop folder and from the queue file. docs/protocol.md, "Task".
#include <algorithm>
#include <array>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/paths.h"
#include "protocol/queue_file.h"
#include "protocol/read_steps.h"
#include "protocol/readers.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using core::Source;
using nlohmann::json;

const std::vector<std::string> k_taken_up{"pending", "queued"};
const std::vector<std::string> k_known_status{"pending",     "queued",    "assigned", "orchestrating", "waiting",
                                              "in_progress", "completed", "failed",   "blocked",       "cancelled"};

/// A queue file is shared with others, who have words of their own for how far they are; only what was surely meant to be
/// `pending` is worth a complaint there. A dropped file speaks to the daemon alone.
Result<> check_status(Fields& fields, Source source) {
  fields.word("status");
  json* status = fields.find("status");
  if (status == nullptr || !status->is_string()) return {};
  const auto& word = status->get_ref<const std::string&>();
  if (std::find(k_known_status.begin(), k_known_status.end(), word) != k_known_status.end()) return {};
  auto near = text::nearest(word, k_taken_up);
  if (!near && source == Source::queue) return {};
  if (!near) near = text::nearest(word, k_known_status);
  return fields.document().error(fields.pointer("status"), "unknown status \"" + text::ellipsis(text::printable(word), 60) + "\"",
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
  fields.list("depends_on");
  json* ids = fields.find("depends_on");
  if (ids == nullptr) return;
  for (json& id : *ids)
    if (id.is_string()) id = paths::task_of_orchestration(text::trim(id.get_ref<const std::string&>()));
}

Result<> normalise_task(Document& document, Source source) {
  json& task = document.root();
  if (!task.is_object()) return {};
  Fields fields(document, task, "");
  fields.alias("id", {"task_id"});
  fields.alias("depends_on", {"dependencies"});
  fields.text("title");
  fields.word("execution_mode");
  fields.word("planner");
  fields.boolean("orchestration_required");
  fields.master("assigned_to");
  fields.integer("max_tokens");
  fields.list("files_affected");
  fields.joined("success_criteria");
  drop_orchestration_prefix(fields);
  TRY(fields.id("id", is_task_id));
  TRY(fields.ids("depends_on", is_task_id));
  TRY(check_status(fields, source));
  TRY(normalise_priority(fields));
  TRY(normalise_approval(fields));
  TRY(normalise_checkpoint(fields));
  return normalise_steps(fields);
}

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
  spec.checkpoint = json_of(task, "checkpoint");
  spec.context = json_of(task, "context");
  spec.metadata = json_of(task, "metadata");
  spec.max_tokens = integer_of(task, "max_tokens");
  spec.approval_required = task.contains("approval");
  spec.created_at = created_at(document);
  spec.source = source;
  TRY_VALUE(spec.files_affected, files_of(document, task, ""));
  TRY_VALUE(spec.subtasks, convert_steps(document, task, ""));
  TRY_VALUE(spec.time_limit_ms, time_limit_of(document, task, ""));
  return spec;
}

/// `own`: the bytes of this task alone.
Result<TaskIn> read_task(Document document, std::string_view own, Source source) {
  TRY(normalise_task(document, source));
  TRY(document.validate(Kind::task));
  TaskIn task;
  TRY_VALUE(task.spec, convert_task(document, source));
  task.spec.content_hash = content_hash(strip_entry(own));
  task.status = text_of(document.root(), "status");
  task.stamp = text_of(document.root(), "updated_at");
  task.document = own;
  task.warnings = document.take_warnings();
  return task;
}

Result<std::vector<TaskIn>> read_list(std::string_view bytes, const std::string& base) {
  TRY_VALUE(const QueueFile file, parse_queue(std::string(bytes)));
  if (file.entries.empty()) return fail(ErrorCode::invalid, "the list holds no task", "", place_of_pointer(bytes, base));
  std::vector<TaskIn> tasks;
  for (const QueueEntry& entry : file.entries) {
    const std::string_view own = file.span(entry);
    Document document(json::parse(own, nullptr, false), bytes, base + "/" + std::to_string(tasks.size()));
    TRY_VALUE(TaskIn task, read_task(std::move(document), own, Source::drop));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace

Result<std::vector<TaskIn>> read_dropped_json(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(bytes));
  const json& root = document.root();
  if (root.is_array()) return read_list(bytes, "");
  if (root.is_object() && root.contains("tasks") && root["tasks"].is_array()) return read_list(bytes, "/tasks");
  TRY_VALUE(TaskIn task, read_task(std::move(document), text::trim(without_bom(bytes)), Source::drop));
  std::vector<TaskIn> tasks;
  tasks.push_back(std::move(task));
  return tasks;
}

Result<TaskIn> read_queue_entry(std::string_view entry_bytes) {
  TRY_VALUE(Document document, Document::parse(entry_bytes));
  return read_task(std::move(document), entry_bytes, Source::queue);
}

}  // namespace baton::protocol
