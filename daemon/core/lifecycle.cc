#include "core/lifecycle.h"

#include "base/result.h"

namespace baton::core {
namespace {

template <class Table>
constexpr bool rows_are_unique(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    for (std::size_t j = i + 1; j < table.size(); ++j)
      if (table[i].from == table[j].from && table[i].cause == table[j].cause) return false;
  return true;
}

/// Nothing leads from `state` to any other state.
template <class Table, class Status>
constexpr bool is_end(const Table& table, Status state) {
  for (const auto& move : table)
    if (move.from == state && move.to != state) return false;
  return true;
}

/// `to` is entered from another state only by `cause`.
template <class Table, class Status, class Cause>
constexpr bool only_by(const Table& table, Status to, Cause cause) {
  for (const auto& move : table)
    if (move.to == to && move.from != to && move.cause != cause) return false;
  return true;
}

using moves::k_subtask;
using moves::k_task;
using S = SubtaskStatus;
using C = SubtaskCause;
using T = PlanStatus;
using W = TaskCause;

static_assert(rows_are_unique(k_subtask) && rows_are_unique(k_task), "two answers to one question");

// What has ended stays as it ended (a finished task never becomes "failed - zombie").
static_assert(is_end(k_subtask, S::completed) && is_end(k_subtask, S::skipped) && is_end(k_subtask, S::cancelled));
static_assert(is_end(k_subtask, S::superseded));
static_assert(is_end(k_task, T::completed) && is_end(k_task, T::failed) && is_end(k_task, T::cancelled));

// Done is only what a result said or a checkpoint confirmed, handed off only what the scheduler let go, failed work starts again
// only when told to.
static_assert(only_by(k_subtask, S::completed, C::completed) && only_by(k_subtask, S::failed, C::failed));
static_assert(only_by(k_subtask, S::zombie, C::condemned) && !after(S::zombie, C::retried), "its worker may still be at work");
static_assert(only_by(k_task, T::completed, W::finished));
static_assert(!after(S::pending, C::handed_off) && !after(S::failed, C::handed_off) && !after(S::in_progress, C::handed_off));
static_assert(only_by(k_subtask, S::validating, C::answered) && !after(S::validating, C::answered), "one answer, one check");
static_assert(!after(S::pending, C::completed) && !after(S::pending, C::claimed), "nobody was ever asked to do it");
static_assert(!after(S::in_progress, C::retried) && !after(S::completed, C::retried));

// No work without a person's yes, no completion with something failed.
static_assert(!after(T::awaiting_approval, W::started) && !after(T::blocked, W::started) && !after(T::blocked, W::finished));
static_assert(!after(T::in_progress, W::approval_needed));

}  // namespace

std::string_view name(SubtaskCause cause) {
  switch (cause) {
    case C::freed: return "freed";
    case C::handed_off: return "handed_off";
    case C::delegated: return "delegated";
    case C::claimed: return "claimed";
    case C::unclaimed: return "unclaimed";
    case C::withdrawn: return "withdrawn";
    case C::condemned: return "condemned";
    case C::answered: return "answered";
    case C::completed: return "completed";
    case C::failed: return "failed";
    case C::retried: return "retried";
    case C::superseded: return "superseded";
    case C::skipped: return "skipped";
    case C::cancelled: return "cancelled";
  }
  BATON_ASSERT(false && "an unknown cause");
}

std::string_view name(TaskCause cause) {
  switch (cause) {
    case W::approval_needed: return "approval_needed";
    case W::approved: return "approved";
    case W::started: return "started";
    case W::obstructed: return "obstructed";
    case W::resumed: return "resumed";
    case W::waived: return "waived";
    case W::finished: return "finished";
    case W::unplannable: return "unplannable";
    case W::cancelled: return "cancelled";
  }
  BATON_ASSERT(false && "an unknown cause");
}

}  // namespace baton::core
