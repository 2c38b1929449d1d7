#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

using core::Conflict;
using core::Subtask;
using core::SubtaskStatus;
using core::Task;

constexpr std::size_t k_max_neighbours = 20;      // of a list; a plan may have 2,000 subtasks
constexpr std::size_t k_max_summary = 4096;       // bytes of an upstream summary; its subtask file has all of it
constexpr std::size_t k_max_upstream_list = 200;  // artifacts or files of one upstream result

bool depends_on(const Subtask& subtask, std::string_view id) {
  return std::ranges::find(subtask.spec.dependencies, id) != subtask.spec.dependencies.end();
}

const Subtask* find(const Task& task, std::string_view id) {
  const auto found = std::ranges::find_if(task.subtasks, [&](const Subtask& subtask) { return subtask.spec.id == id; });
  return found == task.subtasks.end() ? nullptr : &*found;
}

// A list that names the first neighbours and counts the rest.
class Neighbours {
 public:
  /// `text` makes it: of those that are only counted none is needed.
  template <class Text>
  void add(const Text& text) {
    if (list_.size() < k_max_neighbours)
      list_.push_back(text());
    else
      ++more_;
  }
  std::vector<std::string> take() {
    if (more_ > 0) list_.push_back("and " + std::to_string(more_) + " more");
    return std::move(list_);
  }

 private:
  std::vector<std::string> list_;
  std::size_t more_ = 0;
};

std::vector<std::string> dependencies_completed(const Task& task, const Subtask& subtask) {
  std::vector<std::string> list;
  for (const std::string& id : subtask.spec.dependencies) {
    const Subtask* dependency = find(task, id);
    if (dependency == nullptr) continue;
    if (dependency->status == SubtaskStatus::completed) list.push_back(id);
    if (dependency->status == SubtaskStatus::skipped) list.push_back(id + " (skipped)");
  }
  return list;
}

std::vector<std::string> next_subtasks(const Task& task, const Subtask& subtask) {
  Neighbours list;
  for (const Subtask& other : task.subtasks) {
    if (depends_on(other, subtask.spec.id)) list.add([&] { return other.spec.id + " (waits for this)"; });
  }
  return list.take();
}

// How another subtask of the same stage stands to this one.
std::string relation(const Task& task, const Subtask& subtask, const Subtask& other) {
  for (const Conflict& conflict : task.conflicts) {
    const auto here = std::ranges::find(conflict.subtasks, subtask.spec.id);
    const auto there = std::ranges::find(conflict.subtasks, other.spec.id);
    if (here == conflict.subtasks.end() || there == conflict.subtasks.end()) continue;
    return std::string(there < here ? "before this" : "after this") + ", both write " + conflict.file;
  }
  return task.spec.mode == core::ExecutionMode::sequential ? "same stage" : "parallel";
}

std::vector<std::string> related_subtasks(const Task& task, const Subtask& subtask) {
  Neighbours list;
  for (const Subtask& other : task.subtasks) {
    if (other.stage != subtask.stage || other.spec.id == subtask.spec.id || other.status == SubtaskStatus::superseded) continue;
    list.add([&] { return other.spec.id + " (" + relation(task, subtask, other) + ")"; });
  }
  return list.take();
}

std::string orchestration_context(const Task& task, const Subtask& subtask) {
  const std::string title = "\"" + title_of(task.spec) + "\"";
  if (task.simple) return "The whole of the task " + title + ".";
  // Parts of a split stand behind the others in the plan, and before them in the work.
  const auto work = [](const Subtask& each) { return each.status != SubtaskStatus::superseded; };
  const auto before = [&subtask, &work](const Subtask& each) {
    return work(each) && std::tie(each.stage, each.order, each.spec.id) < std::tie(subtask.stage, subtask.order, subtask.spec.id);
  };
  return "Step " + std::to_string(std::ranges::count_if(task.subtasks, before) + 1) + " of " +
         std::to_string(std::ranges::count_if(task.subtasks, work)) + " (stage " + std::to_string(subtask.stage) + " of " +
         std::to_string(core::stage_count(task)) + ") of the task " + title + ".";
}

// spec: "Handoff Format".
void context_object(JsonWriter& out, const Task& task, const Subtask& subtask) {
  out.begin_object("context");
  out.member("orchestration_context", orchestration_context(task, subtask));
  out.member("dependencies_completed", dependencies_completed(task, subtask));
  out.member("next_subtasks", next_subtasks(task, subtask));
  out.member("related_subtasks", related_subtasks(task, subtask));
  out.end_object();
}

void task_object(JsonWriter& out, const Task& task, const Subtask& subtask) {
  const core::SubtaskSpec& spec = subtask.spec;
  out.begin_object("task");
  out.member("title", spec.title);
  out.member("description", spec.description);
  out.member("worker_type", core::is_fix(subtask) || core::has_conflict(subtask) ? "fix-executor" : spec.worker_type);
  out.member_if("type", task.spec.type);
  out.member("files_affected", spec.files_affected);
  out.member("success_criteria", spec.success_criteria);
  out.carried_if("checkpoint", core::checkpoint_of(task, subtask));
  out.member_if("orchestration_prompt", spec.orchestration_prompt);
  out.member("estimated_duration_minutes", spec.estimated_minutes);
  out.member("estimated_tokens", spec.estimated_tokens);
  out.member_if("estimated_complexity", spec.estimated_complexity);
  if (spec.time_limit_ms > 0) out.member("time_limit", format_duration(spec.time_limit_ms));
  if (task.spec.max_tokens > 0) out.member("max_tokens", task.spec.max_tokens);
  out.carried_if("context", task.spec.context);
  out.carried_if("metadata", task.spec.metadata);
  out.end_object();
}

// What the whole is for; a simple task says it in `task` already.
void request_object(JsonWriter& out, const Task& task) {
  if (task.simple) return;
  out.begin_object("request");
  out.member("task_id", task.spec.id);
  out.member("title", title_of(task.spec));
  out.member("description", task.spec.description);
  wish_members(out, task.spec);
  out.end_object();
}

std::vector<std::string> first_of(const std::vector<std::string>& list) {
  if (list.size() <= k_max_upstream_list) return list;
  std::vector<std::string> some(list.begin(), list.begin() + k_max_upstream_list);
  some.push_back("and " + std::to_string(list.size() - k_max_upstream_list) + " more");
  return some;
}

}  // namespace

void upstream_results(JsonWriter& out, const Task& task, const Subtask& subtask) {
  out.begin_array("upstream_results");
  for (const std::string& id : subtask.spec.dependencies) {
    const Subtask* dependency = find(task, id);
    if (dependency == nullptr || dependency->status != SubtaskStatus::completed) continue;
    out.begin_object();
    out.member("subtask_id", id);
    out.member("summary", text::ellipsis(dependency->outcome.summary, k_max_summary));
    out.member("artifacts", first_of(dependency->outcome.artifacts));
    out.member("files_modified", first_of(dependency->outcome.files_modified));
    out.member("subtask_file", paths::subtask(id));
    out.end_object();
  }
  out.end_array();
}

namespace {

void retry_object(JsonWriter& out, const Subtask& subtask) {
  if (subtask.retry_count == 0) return;
  out.begin_object("retry");
  out.member("count", subtask.retry_count);
  out.member("reason", subtask.retry_reason);
  out.member_if("modifications", subtask.retry_modifications);
  out.member_if("last_failure", subtask.error);
  if (core::is_fix(subtask)) check_object(out, "last_check", subtask.check);
  out.end_object();
}

std::string how_to_answer(const Subtask& subtask) {
  const std::string epoch = std::to_string(subtask.epoch);
  return "Take it: move this file into claimed/ beside it. Answer: write the result_file under a hidden name and rename it; content: "
         R"({"status": "completed", "epoch": )" +
         epoch +
         R"(, "result": {"summary": "what was done", "artifacts": [], "files_modified": [], "tokens_used": 0}} or {"status": "failed", "epoch": )" +
         epoch + R"(, "error": "why"}.)";
}

void answer_members(JsonWriter& out, const Subtask& subtask) {
  const std::string& master = subtask.spec.assigned_to;
  out.member("result_file", paths::join(paths::handoffs(master), paths::result_name(master, subtask.spec.id)));
  out.member("how_to_answer", how_to_answer(subtask));
}

}  // namespace

std::string write_handoff(const Task& task, const Subtask& subtask, std::int64_t now_wall_ms) {
  const core::SubtaskSpec& spec = subtask.spec;
  JsonWriter out;
  out.begin_object();
  out.member("handoff_id", paths::handoff_id(spec.assigned_to, spec.id));
  out.member("from", "orchestrator");
  out.member("to", spec.assigned_to);
  out.member("subtask_id", spec.id);
  out.member("parent_orchestration", paths::orchestration_id(task.spec.id));
  out.member("priority", core::name(task.spec.priority));
  context_object(out, task, subtask);
  out.member("created_at", format_utc(now_wall_ms));
  out.member("schema_version", 1);
  out.member("status", "pending");
  out.member("attempt", subtask.attempt);
  out.member("epoch", subtask.epoch);
  if (spec.time_limit_ms > 0) out.member("deadline", format_utc(now_wall_ms + spec.time_limit_ms));
  task_object(out, task, subtask);
  request_object(out, task);
  upstream_results(out, task, subtask);
  retry_object(out, subtask);
  answer_members(out, subtask);
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
