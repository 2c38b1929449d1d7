// A plan in words and pictures: the tree of `show`, the table of `plan`, the graphs of `graph`.
#pragma once

#include <string>
#include <string_view>

#include "front/output.h"
#include "front/views.h"

namespace baton::front {

/// Stages with their subtasks as branches.
void print_tree(Output& out, const PlanView& plan);
/// One row per subtask: stage, id, master, what, estimate, what it waits for.
void print_stages(Output& out, const PlanView& plan);
/// Score with its reasons, planner, estimate, bottlenecks, conflicts.
void print_judgement(Output& out, const PlanView& plan);

/// Who decomposed it, in plain words.
std::string planner_words(std::string_view planner);
/// One subtask with all that is known of it.
void print_subtask(Output& out, const SubtaskView& subtask);

/// Graphviz.
std::string dot_of(const PlanView& plan);
/// A Mermaid flowchart, as GitHub and GitLab render it.
std::string mermaid_of(const PlanView& plan);

/// "waits for auth-001-design (dependency)"; "" when it waits for nothing.
std::string waits_text(const SubtaskView& subtask);

}  // namespace baton::front
