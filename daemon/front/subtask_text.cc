// One subtask with all that is known of it.
#include <string>
#include <vector>

#include "base/text.h"
#include "front/plan_text.h"
#include "front/render.h"
#include "front/standing.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::size_t k_label = 10;  // columns

void row(Output& out, const char* label, const std::string& value) {
  if (!value.empty()) out.line(pad_to(label, k_label) + text::printable(value));
}

}  // namespace

void print_subtask(Output& out, const SubtaskView& subtask) {
  out.line(out.paint(Colour::bold, text::printable(subtask.title)));
  row(out, "subtask", subtask.id + " of " + subtask.task_id + ", stage " + std::to_string(subtask.stage));
  const std::string now = standing(subtask, platform::now().wall_ms);
  out.line(pad_to("status", k_label) + out.paint(colour_of(subtask.status), text::printable(now)));
  row(out, "master", subtask.master + (subtask.worker_type.empty() ? "" : " (" + subtask.worker_type + ")"));
  row(out, "done by", subtask.child_task.empty() ? "" : "task " + subtask.child_task);
  row(out, "worker", worker_words(subtask, platform::now().wall_ms));
  row(out, "because", text::join(subtask.worker.evidence, "; "));
  row(out, "not ended", text::join(subtask.worker.not_ended, "; "));
  if (subtask.attempt > 1) row(out, "attempt", std::to_string(subtask.attempt));
  if (!subtask.waits_for.empty() && !subtask.is_done_by_child())
    out.line(pad_to("", k_label) + text::printable(waits_text(subtask)));
  row(out, "needs", text::join(subtask.dependencies, ", "));
  row(out, "files", text::join(subtask.files, ", "));
  row(out, "done when", subtask.success_criteria);
  row(out, "summary", subtask.summary);
  row(out, "made", text::join(subtask.artifacts, ", "));
  row(out, "changed", text::join(subtask.files_modified, ", "));
  row(out, "checked", subtask.check);
  row(out, "failure", subtask.failure);
  row(out, "retried", subtask.retry_reason);
  row(out, subtask.status == "completed" ? "let pass" : "skipped", subtask.skip_reason);
}

}  // namespace baton::front
