#include "core/worker_states.h"

#include "base/result.h"

namespace baton::core {
namespace {

using moves::k_worker;
using S = WorkerState;
using C = WorkerCause;

constexpr bool rows_are_unique() {
  for (std::size_t i = 0; i < k_worker.size(); ++i)
    for (std::size_t j = i + 1; j < k_worker.size(); ++j)
      if (k_worker[i].from == k_worker[j].from && k_worker[i].cause == k_worker[j].cause) return false;
  return true;
}

constexpr bool is_end(S state) {
  for (const WorkerMove& move : k_worker)
    if (move.from == state && move.to != state) return false;
  return true;
}

constexpr bool only_by(S to, C cause) {
  for (const WorkerMove& move : k_worker)
    if (move.to == to && move.from != to && move.cause != cause) return false;
  return true;
}

static_assert(rows_are_unique(), "two answers to one question");
static_assert(is_end(S::gone) && is_end(S::zombie), "a verdict stands");
static_assert(only_by(S::gone, C::lost) && only_by(S::zombie, C::condemned), "nobody is declared dead for being silent");
static_assert(only_by(S::stalled, C::silent) && only_by(S::working, C::moved));
static_assert(!after(S::gone, C::condemned), "what has exited cannot be a zombie");

}  // namespace

std::string_view name(WorkerState state) {
  switch (state) {
    case S::starting: return "starting";
    case S::working: return "working";
    case S::idle: return "idle";
    case S::stalled: return "stalled";
    case S::gone: return "gone";
    case S::zombie: return "zombie";
  }
  BATON_ASSERT(false && "an unknown state");
}

std::string_view name(WorkerCause cause) {
  switch (cause) {
    case C::moved: return "moved";
    case C::rested: return "rested";
    case C::silent: return "silent";
    case C::lost: return "lost";
    case C::condemned: return "condemned";
  }
  BATON_ASSERT(false && "an unknown cause");
}

}  // namespace baton::core
