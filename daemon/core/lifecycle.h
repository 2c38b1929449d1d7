// The states of a task and of a subtask, and every move between them, as tables: (state, cause) → state. A pair without a row
// is an impossible move: whoever asks for it is refused, and the refusal is reported.
//
//   subtask   pending ──freed──▶ ready ──handed_off──▶ handed_off ──claimed──▶ in_progress ──completed──▶ completed
//                                  ▲                      │  ▲                   │  │
//                                  ├──────withdrawn───────┴──┼──────withdrawn────┤  └──failed──▶ failed ──retried──▶ ready
//                                  │                         └─────unclaimed─────┘
//                                            completed, with a checkpoint ──answered──▶ validating ──completed | failed──▶
//             one that a child task does:  ready ──delegated──▶ in_progress ──completed | failed──▶
//   task      planning ──started──▶ in_progress ──finished──▶ completed
//                │ ▲                   │   ▲
//   approval     ▼ │ approved  obstructed  │ resumed
//        awaiting_approval             ▼   │
//                                     blocked
//
// `skipped` and `cancelled` can be reached from everything that has not ended.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/model.h"

namespace baton::core {

enum class SubtaskCause {
  freed,       // everything in its own plan that comes before it is done
  handed_off,  // the scheduler let it go
  delegated,   // a child task does it
  claimed,     // a master or a worker took the handoff
  unclaimed,   // the master put the handoff back
  withdrawn,   // `release`: the handoff is taken back
  condemned,   // its worker is a zombie, and may still be at work
  answered,    // a result says completed, and its checkpoint is still to be run
  completed,   // a result says so, or its checkpoint passed
  failed,      // a result says so, or its checkpoint did not pass
  retried,     // by recovery, or by `retry`
  superseded,  // its two halves do its work
  skipped,     // `skip`
  cancelled,   // its task was cancelled
};
enum class TaskCause {
  approval_needed,  // the plan stands and asks for a person
  approved,         // `approve`
  started,          // it may run, and there is room
  obstructed,       // a subtask failed, or a task it depends on did not complete
  resumed,          // the last failed subtask was retried or skipped
  waived,           // the task that it depended on is no longer waited for
  finished,         // every subtask is completed or skipped
  unplannable,      // nobody could make a valid plan
  cancelled,        // `cancel`, `reject`
};
std::string_view name(SubtaskCause);
std::string_view name(TaskCause);

template <class Status, class Cause>
struct Move {
  Status from;
  Cause cause;
  Status to;
};

namespace moves {
using S = SubtaskStatus;
using C = SubtaskCause;
// A row that stays where it is says: comes late, and is harmless.
inline constexpr std::array k_subtask{
    Move<S, C>{S::pending, C::freed, S::ready},
    Move<S, C>{S::pending, C::skipped, S::skipped},
    Move<S, C>{S::pending, C::cancelled, S::cancelled},

    Move<S, C>{S::ready, C::handed_off, S::handed_off},
    Move<S, C>{S::ready, C::delegated, S::in_progress},
    Move<S, C>{S::ready, C::claimed, S::ready},  // of a handoff that was just withdrawn
    Move<S, C>{S::ready, C::unclaimed, S::ready},
    Move<S, C>{S::ready, C::answered, S::validating},
    Move<S, C>{S::ready, C::completed, S::completed},  // the epoch ends when the next handoff is published
    Move<S, C>{S::ready, C::failed, S::failed},
    Move<S, C>{S::ready, C::superseded, S::superseded},
    Move<S, C>{S::ready, C::skipped, S::skipped},
    Move<S, C>{S::ready, C::cancelled, S::cancelled},

    Move<S, C>{S::handed_off, C::claimed, S::in_progress},
    Move<S, C>{S::handed_off, C::unclaimed, S::handed_off},
    Move<S, C>{S::handed_off, C::withdrawn, S::ready},
    Move<S, C>{S::handed_off, C::answered, S::validating},
    Move<S, C>{S::handed_off, C::completed, S::completed},  // so fast that nobody saw the claim
    Move<S, C>{S::handed_off, C::failed, S::failed},
    Move<S, C>{S::handed_off, C::skipped, S::skipped},
    Move<S, C>{S::handed_off, C::cancelled, S::cancelled},

    Move<S, C>{S::in_progress, C::claimed, S::in_progress},
    Move<S, C>{S::in_progress, C::unclaimed, S::handed_off},
    Move<S, C>{S::in_progress, C::withdrawn, S::ready},
    Move<S, C>{S::in_progress, C::answered, S::validating},
    Move<S, C>{S::in_progress, C::completed, S::completed},
    Move<S, C>{S::in_progress, C::failed, S::failed},
    Move<S, C>{S::in_progress, C::condemned, S::zombie},
    Move<S, C>{S::in_progress, C::skipped, S::skipped},
    Move<S, C>{S::in_progress, C::cancelled, S::cancelled},

    Move<S, C>{S::zombie, C::claimed, S::zombie},
    Move<S, C>{S::zombie, C::unclaimed, S::zombie},
    Move<S, C>{S::zombie, C::withdrawn, S::ready},
    Move<S, C>{S::zombie, C::answered, S::validating},
    Move<S, C>{S::zombie, C::completed, S::completed},  // no next handoff was published yet
    Move<S, C>{S::zombie, C::failed, S::failed},        // by a result, or because its worker is gone for good
    Move<S, C>{S::zombie, C::skipped, S::skipped},
    Move<S, C>{S::zombie, C::cancelled, S::cancelled},

    Move<S, C>{S::validating, C::claimed, S::validating},  // the handoff was filed before anybody looked
    Move<S, C>{S::validating, C::unclaimed, S::validating},
    Move<S, C>{S::validating, C::withdrawn, S::ready},
    Move<S, C>{S::validating, C::completed, S::completed},
    Move<S, C>{S::validating, C::failed, S::failed},
    Move<S, C>{S::validating, C::skipped, S::skipped},
    Move<S, C>{S::validating, C::cancelled, S::cancelled},

    Move<S, C>{S::failed, C::claimed, S::failed},
    Move<S, C>{S::failed, C::unclaimed, S::failed},
    Move<S, C>{S::failed, C::answered, S::validating},
    Move<S, C>{S::failed, C::completed, S::completed},  // given up too early: no next handoff was published yet
    Move<S, C>{S::failed, C::retried, S::ready},
    Move<S, C>{S::failed, C::skipped, S::skipped},
    Move<S, C>{S::failed, C::cancelled, S::cancelled},

    Move<S, C>{S::completed, C::claimed, S::completed},  // the handoff was filed before anybody looked
    Move<S, C>{S::completed, C::unclaimed, S::completed},
    Move<S, C>{S::skipped, C::claimed, S::skipped},
    Move<S, C>{S::skipped, C::unclaimed, S::skipped},
};

using T = PlanStatus;
using W = TaskCause;
inline constexpr std::array k_task{
    Move<T, W>{T::planning, W::approval_needed, T::awaiting_approval},
    Move<T, W>{T::planning, W::started, T::in_progress},
    Move<T, W>{T::planning, W::obstructed, T::blocked},
    Move<T, W>{T::planning, W::unplannable, T::failed},
    Move<T, W>{T::planning, W::cancelled, T::cancelled},

    Move<T, W>{T::awaiting_approval, W::approved, T::planning},
    Move<T, W>{T::awaiting_approval, W::obstructed, T::blocked},
    Move<T, W>{T::awaiting_approval, W::cancelled, T::cancelled},

    Move<T, W>{T::in_progress, W::obstructed, T::blocked},
    Move<T, W>{T::in_progress, W::finished, T::completed},
    Move<T, W>{T::in_progress, W::cancelled, T::cancelled},

    Move<T, W>{T::blocked, W::obstructed, T::blocked},
    Move<T, W>{T::blocked, W::resumed, T::in_progress},
    Move<T, W>{T::blocked, W::waived, T::planning},
    Move<T, W>{T::blocked, W::unplannable, T::failed},
    Move<T, W>{T::blocked, W::cancelled, T::cancelled},
};
}  // namespace moves

/// Where `cause` leads from `from`; nothing when that move is impossible.
constexpr std::optional<SubtaskStatus> after(SubtaskStatus from, SubtaskCause cause) {
  for (const auto& move : moves::k_subtask)
    if (move.from == from && move.cause == cause) return move.to;
  return std::nullopt;
}
constexpr std::optional<PlanStatus> after(PlanStatus from, TaskCause cause) {
  for (const auto& move : moves::k_task)
    if (move.from == from && move.cause == cause) return move.to;
  return std::nullopt;
}

}  // namespace baton::core
