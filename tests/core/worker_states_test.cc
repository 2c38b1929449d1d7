#include "core/worker_states.h"

#include <doctest/doctest.h>

#include <string>

namespace baton::core {
namespace {

using S = WorkerState;
using C = WorkerCause;

constexpr std::array k_states{S::starting, S::working, S::idle, S::stalled, S::gone, S::zombie};
constexpr std::array k_causes{C::moved, C::rested, C::silent, C::lost, C::condemned};

}  // namespace

TEST_CASE("the moves of a worker, gaps included") {
  std::string text;
  for (const S state : k_states) {
    text += std::string(name(state)) + ":";
    for (const C cause : k_causes)
      if (const auto next = after(state, cause)) text += " " + std::string(name(cause)) + ">" + std::string(name(*next));
    text += "\n";
  }
  CHECK(text ==
        "starting: moved>working rested>idle silent>stalled lost>gone condemned>zombie\n"
        "working: moved>working rested>idle silent>stalled lost>gone condemned>zombie\n"
        "idle: moved>working rested>idle silent>stalled lost>gone condemned>zombie\n"
        "stalled: moved>working rested>idle silent>stalled lost>gone condemned>zombie\n"
        "gone: moved>gone lost>gone\n"
        "zombie: moved>zombie lost>zombie condemned>zombie\n");
}

TEST_CASE("whatever happens, a verdict stands") {
  for (const S from : {S::gone, S::zombie}) {
    CHECK(is_final(from));
    for (const C cause : k_causes) CHECK(after(from, cause).value_or(from) == from);
  }
  for (const S from : {S::starting, S::working, S::idle, S::stalled}) CHECK_FALSE(is_final(from));
}

}  // namespace baton::core
