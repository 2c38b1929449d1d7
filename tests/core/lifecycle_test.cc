#include "core/lifecycle.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace baton::core {
namespace {

using S = SubtaskStatus;
using C = SubtaskCause;
using T = PlanStatus;
using W = TaskCause;

constexpr std::array k_statuses{S::pending, S::ready,  S::handed_off, S::in_progress, S::validating, S::completed,
                                S::failed,  S::zombie, S::blocked,    S::skipped,     S::cancelled,  S::superseded};
constexpr std::array k_causes{C::freed,     C::handed_off, C::claimed, C::unclaimed,  C::withdrawn, C::condemned, C::answered,
                              C::completed, C::failed,     C::retried, C::superseded, C::skipped,   C::cancelled, C::delegated};
constexpr std::array k_task_statuses{T::planning, T::awaiting_approval, T::in_progress, T::blocked, T::completed,
                                     T::failed,   T::cancelled};
constexpr std::array k_task_causes{W::approval_needed, W::approved, W::started,     W::obstructed, W::resumed,
                                   W::waived,          W::finished, W::unplannable, W::cancelled};

/// One row per status: what each cause makes of it, gaps left out.
template <class Statuses, class Causes>
std::string matrix(const Statuses& statuses, const Causes& causes) {
  std::string text;
  for (const auto status : statuses) {
    text += std::string(name(status)) + ":";
    for (const auto cause : causes)
      if (const auto next = after(status, cause)) text += " " + std::string(name(cause)) + ">" + std::string(name(*next));
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("the moves of a subtask, gaps included") {
  CHECK(
      matrix(k_statuses, k_causes) ==
      "pending: freed>ready skipped>skipped cancelled>cancelled\n"
      "ready: handed_off>handed_off claimed>ready unclaimed>ready answered>validating completed>completed failed>failed superseded>superseded "
      "skipped>skipped cancelled>cancelled delegated>in_progress\n"
      "handed_off: claimed>in_progress unclaimed>handed_off withdrawn>ready answered>validating completed>completed failed>failed skipped>skipped "
      "cancelled>cancelled\n"
      "in_progress: claimed>in_progress unclaimed>handed_off withdrawn>ready condemned>zombie answered>validating completed>completed failed>failed "
      "skipped>skipped cancelled>cancelled\n"
      "validating: claimed>validating unclaimed>validating withdrawn>ready completed>completed failed>failed skipped>skipped "
      "cancelled>cancelled\n"
      "completed: claimed>completed unclaimed>completed\n"
      "failed: claimed>failed unclaimed>failed answered>validating completed>completed retried>ready skipped>skipped cancelled>cancelled\n"
      "zombie: claimed>zombie unclaimed>zombie withdrawn>ready answered>validating completed>completed failed>failed skipped>skipped "
      "cancelled>cancelled\n"
      "blocked:\n"
      "skipped: claimed>skipped unclaimed>skipped\n"
      "cancelled:\n"
      "superseded:\n");
}

TEST_CASE("the moves of a task, gaps included") {
  CHECK(
      matrix(k_task_statuses, k_task_causes) ==
      "planning: approval_needed>awaiting_approval started>in_progress obstructed>blocked unplannable>failed cancelled>cancelled\n"
      "awaiting_approval: approved>planning obstructed>blocked cancelled>cancelled\n"
      "in_progress: obstructed>blocked finished>completed cancelled>cancelled\n"
      "blocked: obstructed>blocked resumed>in_progress waived>planning unplannable>failed cancelled>cancelled\n"
      "completed:\n"
      "failed:\n"
      "cancelled:\n");
}

TEST_CASE("whatever happens, an ended state stays") {
  for (const S from : k_statuses)
    for (const C cause : k_causes)
      if (is_final(from)) CHECK(after(from, cause).value_or(from) == from);
  for (const T from : k_task_statuses)
    for (const W cause : k_task_causes)
      if (is_final(from)) CHECK_FALSE(after(from, cause).has_value());
}

TEST_CASE("everything that is alive can be cancelled") {
  for (const T from : k_task_statuses) CHECK(after(from, W::cancelled).has_value() == !is_final(from));
  for (const S from : {S::pending, S::ready, S::handed_off, S::in_progress, S::validating, S::failed})
    CHECK(after(from, C::cancelled) == S::cancelled);
}

}  // namespace baton::core
