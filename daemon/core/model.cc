#include "core/model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/result.h"
#include "core/settings.h"

namespace baton::core {
namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<Priority, 4> words_of(Priority) {
  return {{{Priority::critical, "critical"}, {Priority::high, "high"}, {Priority::medium, "medium"}, {Priority::low, "low"}}};
}
constexpr Words<ExecutionMode, 3> words_of(ExecutionMode) {
  return {{{ExecutionMode::staged, "staged"}, {ExecutionMode::sequential, "sequential"}, {ExecutionMode::eager, "eager"}}};
}
constexpr Words<Complexity, 3> words_of(Complexity) {
  return {{{Complexity::low, "low"}, {Complexity::medium, "medium"}, {Complexity::high, "high"}}};
}
constexpr Words<PlanStatus, 7> words_of(PlanStatus) {
  return {{{PlanStatus::planning, "planning"},
           {PlanStatus::awaiting_approval, "awaiting_approval"},
           {PlanStatus::in_progress, "in_progress"},
           {PlanStatus::blocked, "blocked"},
           {PlanStatus::completed, "completed"},
           {PlanStatus::failed, "failed"},
           {PlanStatus::cancelled, "cancelled"}}};
}
constexpr Words<SubtaskStatus, 12> words_of(SubtaskStatus) {
  return {{{SubtaskStatus::pending, "pending"},
           {SubtaskStatus::ready, "ready"},
           {SubtaskStatus::handed_off, "handed_off"},
           {SubtaskStatus::in_progress, "in_progress"},
           {SubtaskStatus::validating, "validating"},
           {SubtaskStatus::completed, "completed"},
           {SubtaskStatus::failed, "failed"},
           {SubtaskStatus::zombie, "zombie"},
           {SubtaskStatus::blocked, "blocked"},
           {SubtaskStatus::skipped, "skipped"},
           {SubtaskStatus::cancelled, "cancelled"},
           {SubtaskStatus::superseded, "superseded"}}};
}
constexpr Words<PlannerKind, 5> words_of(PlannerKind) {
  return {{{PlannerKind::routed, "routed"},
           {PlannerKind::given, "explicit"},
           {PlannerKind::playbook, "playbook"},
           {PlannerKind::command, "command"},
           {PlannerKind::rules, "rules"}}};
}
constexpr Words<FailureClass, 4> words_of(FailureClass) {
  return {{{FailureClass::transient, "transient"},
           {FailureClass::permanent, "permanent"},
           {FailureClass::rate_limited, "rate_limited"},
           {FailureClass::conflict, "conflict"}}};
}
constexpr Words<FailureCause, 6> words_of(FailureCause) {
  return {{{FailureCause::reported, "reported"},
           {FailureCause::gone, "gone"},
           {FailureCause::zombie, "zombie"},
           {FailureCause::time_limit, "time_limit"},
           {FailureCause::checkpoint, "checkpoint"},
           {FailureCause::child_task, "child_task"}}};
}
constexpr Words<Breaker, 4> words_of(Breaker) {
  return {
      {{Breaker::closed, "closed"}, {Breaker::degraded, "degraded"}, {Breaker::open, "open"}, {Breaker::half_open, "half_open"}}};
}
constexpr Words<Source, 3> words_of(Source) {
  return {{{Source::drop, "drop"}, {Source::queue, "queue"}, {Source::subtask, "subtask"}}};
}

template <class Enum>
std::string_view word_for(Enum value) {
  static constexpr auto k_words = words_of(Enum{});
  for (const auto& [each, word] : k_words)
    if (each == value) return word;
  BATON_ASSERT(false && "an enum value without its protocol word");
}

int minutes(const Subtask& subtask) {
  return subtask.spec.estimated_minutes > 0 ? subtask.spec.estimated_minutes : k_default_minutes;
}

}  // namespace

std::string_view name(Priority value) { return word_for(value); }
std::string_view name(ExecutionMode value) { return word_for(value); }
std::string_view name(Complexity value) { return word_for(value); }
std::string_view name(PlanStatus value) { return word_for(value); }
std::string_view name(SubtaskStatus value) { return word_for(value); }
std::string_view name(PlannerKind value) { return word_for(value); }
std::string_view name(FailureClass value) { return word_for(value); }
std::string_view name(FailureCause value) { return word_for(value); }
std::string_view name(Breaker value) { return word_for(value); }
std::string_view name(Source value) { return word_for(value); }

template <class Enum>
std::optional<Enum> parse(std::string_view word) {
  static constexpr auto k_words = words_of(Enum{});
  for (const auto& [value, each] : k_words)
    if (each == word) return value;
  return std::nullopt;
}
template std::optional<Priority> parse<Priority>(std::string_view);
template std::optional<ExecutionMode> parse<ExecutionMode>(std::string_view);
template std::optional<Complexity> parse<Complexity>(std::string_view);
template std::optional<PlanStatus> parse<PlanStatus>(std::string_view);
template std::optional<SubtaskStatus> parse<SubtaskStatus>(std::string_view);
template std::optional<PlannerKind> parse<PlannerKind>(std::string_view);
template std::optional<FailureClass> parse<FailureClass>(std::string_view);
template std::optional<FailureCause> parse<FailureCause>(std::string_view);
template std::optional<Breaker> parse<Breaker>(std::string_view);
template std::optional<Source> parse<Source>(std::string_view);

int stage_count(const Task& task) {
  int count = 0;
  for (const Subtask& subtask : task.subtasks) count = std::max(count, subtask.stage);
  return count;
}

int current_stage(const Task& task) {
  const int last = stage_count(task);
  int current = last;
  for (const Subtask& subtask : task.subtasks)
    if (!is_final(subtask.status)) current = std::min(current, subtask.stage);
  return current;
}

int progress_percent(const Task& task) {
  std::int64_t total = 0;
  std::int64_t done = 0;  // in hundredths of minutes
  for (const Subtask& subtask : task.subtasks) {
    if (subtask.status == SubtaskStatus::superseded) continue;
    total += minutes(subtask);
    const bool is_done = subtask.status == SubtaskStatus::completed || subtask.status == SubtaskStatus::skipped;
    done += std::int64_t{minutes(subtask)} * (is_done ? 100 : is_done_by_child(subtask) ? subtask.progress_percent : 0);
  }
  return total == 0 ? 0 : static_cast<int>(done / total);
}

bool is_final(PlanStatus status) {
  return status == PlanStatus::completed || status == PlanStatus::failed || status == PlanStatus::cancelled;
}

bool is_final(SubtaskStatus status) {
  return status == SubtaskStatus::completed || status == SubtaskStatus::skipped || status == SubtaskStatus::cancelled ||
         status == SubtaskStatus::superseded;
}

bool is_in_flight(SubtaskStatus status) {
  return status == SubtaskStatus::handed_off || status == SubtaskStatus::in_progress || status == SubtaskStatus::validating ||
         status == SubtaskStatus::zombie;
}

bool is_handed_out(SubtaskStatus status) { return is_in_flight(status) && status != SubtaskStatus::validating; }

bool is_in_flight(const Subtask& subtask) { return is_in_flight(subtask.status) && !subtask.spec.orchestrate; }

bool is_handed_out(const Subtask& subtask) { return is_handed_out(subtask.status) && !subtask.spec.orchestrate; }

bool is_done_by_child(const Subtask& subtask) { return subtask.spec.orchestrate && subtask.status == SubtaskStatus::in_progress; }

bool is_child(const Task& task) { return !task.spec.parent_subtask_id.empty(); }

const std::string& checkpoint_of(const Task& task, const Subtask& subtask) {
  return subtask.spec.checkpoint.empty() && task.simple ? task.spec.checkpoint : subtask.spec.checkpoint;
}

std::optional<bool> is_validated(const Task& task) {
  if (task.check.at == 0) return std::nullopt;
  if (task.check.passed) return true;
  const auto is_good = [&task](const Subtask& each) {
    return each.spec.checkpoint == task.spec.checkpoint && each.verified.value_or(false) && each.check.at > task.check.at;
  };
  return std::any_of(task.subtasks.begin(), task.subtasks.end(), is_good);
}

bool has_conflict(const Subtask& subtask) { return subtask.failure_class == FailureClass::conflict; }
bool is_fix(const Subtask& subtask) { return subtask.check.at != 0 && !subtask.check.passed; }

}  // namespace baton::core
