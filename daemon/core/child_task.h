// A child task: the task that does a subtask with `orchestrate`. What it is asked, how it is called, and what its end means for
// that subtask. Pure; the moves themselves are children.cc. docs/protocol.md, "Child tasks".
#pragma once

#include <string>
#include <vector>

#include "core/model.h"

namespace baton::core {

/// A task that somebody handed in is on level 1, its child tasks on level 2. A subtask on the last level is handed out like any
/// other, whatever it asks for.
inline constexpr int k_max_levels = 3;

/// <subtask_id>.task, then <subtask_id>.task-2 and so on, made to fit; the first that was never used is taken.
std::string child_id(const std::string& subtask_id, int number);

/// What is asked of it: all that the subtask says, within what its task says. Without an id.
TaskSpec child_spec(const Task& parent, const Subtask& subtask);

/// Takes the wish for child tasks out of a plan on the last level, and says whose it was; empty: nobody had it.
std::string hand_out_all(Plan& plan);

/// What a child task delivered, as the result of its subtask: every summary in short, what was made and changed, the tokens of
/// all tries.
Outcome outcome_of(const Task& child);
/// What its final validation came to: the last check, whether it ran for the whole or for a subtask that mended it.
CheckResult last_check_of(const Task& child);
/// Why a person let a check pass that did not; empty: nobody did.
std::string let_pass_of(const Task& child);
/// Why a child task that ended otherwise did not do it, and where that is told in full.
std::string failure_of(const Task& child);

}  // namespace baton::core
