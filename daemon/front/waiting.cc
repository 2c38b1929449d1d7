#include "front/waiting.h"

#include <string_view>

#include "front/lookup.h"
#include "front/render.h"

namespace baton::front {
namespace {

struct Phrase {
  std::string_view reason;
  std::string_view words;
  bool names_subject = false;
};

/// Not here: dependency, stage, order, sequential. Those wait for something of their own plan, which is what to look at.
constexpr Phrase k_phrases[] = {
    {"approval", "waits: approval"},
    {"blocked", "blocked: ", true},
    {"task", "waits for task ", true},
    {"paused", "paused"},
    {"file", "waits: file of ", true},
    {"limit", "waits: ", true},
    {"master_limit", "waits: max_active of ", true},
    {"no_master", "waits: no master ", true},
    {"master_paused", "paused: master ", true},
    {"parked", "parked: master ", true},
    {"breaker", "waits: breaker of ", true},
    {"worker", "waits: its last worker"},
    {"split", "is being split"},
    {"child_task", "becomes a task"},
    {"memory", "short of memory"},
    {"disk", "short of disk"},
    {"turn", "goes out next"},
};

std::string words_of(const WaitRow& wait, std::int64_t now) {
  if (wait.reason == "retry") {
    const std::string left = left_until(wait.subject, now);
    return left.empty() ? "retry is due" : "retry in " + left;
  }
  for (const Phrase& phrase : k_phrases)
    if (wait.reason == phrase.reason) return std::string(phrase.words) + (phrase.names_subject ? wait.subject : "");
  return "";
}

/// Of the subtasks in this status, the first that has something to say.
std::string first_of(const PlanView& plan, std::string_view status, std::int64_t now) {
  for (const SubtaskView& subtask : plan.subtasks) {
    if (subtask.status != status) continue;
    if (std::string words = waiting(subtask, now); !words.empty()) return words;
  }
  return "";
}

}  // namespace

std::string waiting(const SubtaskView& subtask, std::int64_t now_wall_ms) {
  for (const WaitRow& wait : subtask.waits_for)
    if (std::string words = words_of(wait, now_wall_ms); !words.empty()) return words;
  return "";
}

std::string waiting(const PlanView& plan, std::int64_t now_wall_ms) {
  if (is_final_status(plan.status)) return "";
  if (plan.status == "awaiting_approval") return "waits: approval";
  if (plan.blocking_subtask == plan.id && !plan.id.empty()) return "blocked: it failed";
  if (!plan.blocking_subtask.empty()) return "blocked: " + plan.blocking_subtask;
  if (plan.validating) return "its checkpoint is run";
  if (plan.status == "planning" && plan.subtasks.empty()) return "waits for a plan";
  std::string words = first_of(plan, "ready", now_wall_ms);
  return words.empty() ? first_of(plan, "pending", now_wall_ms) : words;
}

std::string waiting_of(const Folder& folder, const TaskRow& task, std::int64_t now_wall_ms) {
  if (is_final_status(task.status) || !task.active.empty()) return "";
  if (task.status == "awaiting_approval") return "waits: approval";
  const auto loaded = load_plan(folder, task.id);
  return loaded ? waiting(loaded->plan, now_wall_ms) : "";
}

}  // namespace baton::front
