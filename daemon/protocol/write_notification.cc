#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {

std::string write_notification(std::string_view id, std::string_view root, const core::Attention& attention,
                               const core::Task* task, std::int64_t wall_ms) {
  JsonWriter out(JsonWriter::without_secrets());
  out.begin_object();
  out.member("schema_version", 1);
  out.member("id", id);
  out.member("reason", attention.reason);
  out.member("message", attention.message);
  out.member("raised_at", format_utc(wall_ms));
  out.member("coordination", root);
  out.member_if("master", attention.master);
  if (!attention.task_id.empty()) {
    out.member("task_id", attention.task_id);
    out.member("orchestration_id", paths::orchestration_id(attention.task_id));
  }
  out.member_if("subtask_id", attention.subtask_id);
  if (task != nullptr) {
    out.member("title", title_of(task->spec));
    out.member("plan", paths::plan(task->spec.id));
    if (task->status == core::PlanStatus::blocked) out.carried_if("escalation", write_escalation(*task));
  }
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
