// The states of a worker, and every move between them, as a table: (state, cause) → state, as in lifecycle.h. A pair without a
// row is an impossible move.
//
//   starting ──moved──▶ working ──rested──▶ idle         working: something of it moved within heartbeat_timeout
//      │                 ▲  │  ▲             │           idle:    it is heard of, and nothing moves: it may wait for an answer
//      │ silent    moved │  │  └────moved────┤           stalled: not heard of for heartbeat_timeout, and nothing moves
//      ▼                 │  ▼ silent         │
//   stalled ─────────────┴──┴──◀─────silent──┘           gone:    its process has exited, and no result came
//                                                        zombie:  without progress for zombie_after, or past its time limit
//
// `gone` and `zombie` are verdicts: they can be reached from everything else, and nothing leads out of them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace baton::core {

enum class WorkerState { starting, working, idle, stalled, gone, zombie };
enum class WorkerCause {
  moved,      // its own report, CPU time, files or output
  rested,     // it is heard of, and nothing has moved for heartbeat_timeout
  silent,     // it is not heard of for heartbeat_timeout, and nothing was seen to move
  lost,       // its process exited, and exit_grace is over
  condemned,  // without progress for zombie_after, or past its time limit
};
std::string_view name(WorkerState);
std::string_view name(WorkerCause);

struct WorkerMove {
  WorkerState from;
  WorkerCause cause;
  WorkerState to;
};

namespace moves {
using Ws = WorkerState;
using Wc = WorkerCause;
// A row that stays where it is says: nothing new, or it comes late.
inline constexpr std::array k_worker{
    WorkerMove{Ws::starting, Wc::moved, Ws::working},
    WorkerMove{Ws::starting, Wc::rested, Ws::idle},
    WorkerMove{Ws::starting, Wc::silent, Ws::stalled},
    WorkerMove{Ws::starting, Wc::lost, Ws::gone},
    WorkerMove{Ws::starting, Wc::condemned, Ws::zombie},

    WorkerMove{Ws::working, Wc::moved, Ws::working},
    WorkerMove{Ws::working, Wc::rested, Ws::idle},
    WorkerMove{Ws::working, Wc::silent, Ws::stalled},
    WorkerMove{Ws::working, Wc::lost, Ws::gone},
    WorkerMove{Ws::working, Wc::condemned, Ws::zombie},

    WorkerMove{Ws::idle, Wc::moved, Ws::working},
    WorkerMove{Ws::idle, Wc::rested, Ws::idle},
    WorkerMove{Ws::idle, Wc::silent, Ws::stalled},
    WorkerMove{Ws::idle, Wc::lost, Ws::gone},
    WorkerMove{Ws::idle, Wc::condemned, Ws::zombie},

    WorkerMove{Ws::stalled, Wc::moved, Ws::working},
    WorkerMove{Ws::stalled, Wc::rested, Ws::idle},
    WorkerMove{Ws::stalled, Wc::silent, Ws::stalled},
    WorkerMove{Ws::stalled, Wc::lost, Ws::gone},
    WorkerMove{Ws::stalled, Wc::condemned, Ws::zombie},

    WorkerMove{Ws::gone, Wc::moved, Ws::gone},  // a heartbeat after the verdict: somebody else may have the work already
    WorkerMove{Ws::gone, Wc::lost, Ws::gone},
    WorkerMove{Ws::zombie, Wc::moved, Ws::zombie},
    WorkerMove{Ws::zombie, Wc::lost, Ws::zombie},  // it was ended
    WorkerMove{Ws::zombie, Wc::condemned, Ws::zombie},
};
}  // namespace moves

/// Where `cause` leads from `from`; nothing when that move is impossible.
constexpr std::optional<WorkerState> after(WorkerState from, WorkerCause cause) {
  for (const WorkerMove& move : moves::k_worker)
    if (move.from == from && move.cause == cause) return move.to;
  return std::nullopt;
}

/// A verdict: the worker counts no more.
constexpr bool is_final(WorkerState state) { return state == WorkerState::gone || state == WorkerState::zombie; }

}  // namespace baton::core
