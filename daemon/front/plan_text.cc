#include "front/plan_text.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "front/render.h"
#include "front/standing.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

std::vector<const SubtaskView*> of_stage(const PlanView& plan, int stage) {
  std::vector<const SubtaskView*> found;
  for (const SubtaskView& subtask : plan.subtasks)
    if (subtask.stage == stage) found.push_back(&subtask);
  std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
  return found;
}

std::string mark_of(std::string_view status) {
  if (status == "completed") return "✔";
  if (status == "failed" || status == "zombie") return "✘";
  if (status == "in_progress" || status == "validating") return "▶";
  if (status == "handed_off") return "→";
  if (status == "blocked") return "!";
  if (status == "skipped" || status == "cancelled" || status == "superseded") return "-";
  return "·";
}

/// In pictures of a plan: no ages, which would make every copy of one another.
std::string brief_of(const SubtaskView& subtask) { return " (" + subtask.master + ", " + subtask.status + ")"; }

std::string detail_of(const SubtaskView& subtask) {
  const std::string now = standing(subtask, platform::now().wall_ms);
  std::string detail = " (" + (now == subtask.status ? subtask.master + ", " + now : now);
  if (subtask.attempt > 1) detail += ", attempt " + std::to_string(subtask.attempt);
  if (subtask.status == "completed" && subtask.verified == false)
    detail += subtask.check_failed ? ", its check did not pass: a person let it" : ", not checked by a program";
  return detail + ")";
}

void print_branch(Output& out, const SubtaskView& subtask, bool last) {
  const std::string line = mark_of(subtask.status) + " " + subtask.id + "  " + subtask.title + detail_of(subtask);
  out.line("  " + std::string(last ? "└─ " : "├─ ") + out.paint(colour_of(subtask.status), text::printable(line)));
  const std::string indent = last ? "       " : "  │    ";
  if (const std::string waits = waits_text(subtask); !waits.empty() && !subtask.is_done_by_child())
    out.line(indent + text::printable(waits));
  if (!subtask.worker.evidence.empty()) out.line(indent + text::printable(text::join(subtask.worker.evidence, "; ")));
  if (!subtask.failure.empty()) out.line(indent + text::printable(subtask.failure));
  if (!subtask.summary.empty()) out.line(indent + text::printable(text::ellipsis(subtask.summary, 200)));
}

/// A quoted label: nothing in it can end the quotes, and no line break.
std::string quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text::printable(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "\"" + quoted + "\"";
}

std::string mermaid_label(std::string_view text) {
  std::string label;
  for (const char c : text::printable(text)) {
    if (c == '"')
      label += "#quot;";
    else if (c == '#')
      label += "#35;";
    else if (c == '<')
      label += "#lt;";
    else if (c == '>')
      label += "#gt;";
    else
      label += c;
  }
  return label;
}

int index_of(const PlanView& plan, std::string_view id) {
  for (std::size_t i = 0; i < plan.subtasks.size(); ++i)
    if (plan.subtasks[i].id == id) return static_cast<int>(i);
  return -1;
}

std::string_view fill_of(std::string_view status) {
  if (status == "completed") return "palegreen";
  if (status == "failed" || status == "zombie") return "salmon";
  if (status == "in_progress" || status == "handed_off" || status == "validating") return "lightblue";
  if (status == "blocked") return "khaki";
  return "white";
}

}  // namespace

std::string planner_words(std::string_view planner) {
  const std::string_view kind = planner.substr(0, planner.find(':'));
  const std::string_view name = kind.size() < planner.size() ? planner.substr(kind.size() + 1) : std::string_view();
  if (kind == "routed") return "nobody: it is one piece of work for one master";
  if (kind == "explicit") return "the task itself: it brought its subtasks along";
  if (kind == "playbook") return "the playbook " + std::string(name);
  if (kind == "command") return "the planner command";
  if (kind == "rules") return "the built-in rules, from the words of the request";
  if (kind == "undecided") return "nobody yet: the planner command is at work";
  return std::string(planner);
}

std::string waits_text(const SubtaskView& subtask) {
  std::vector<std::string> parts;
  for (const WaitRow& wait : subtask.waits_for)
    parts.push_back(wait.subject.empty() ? wait.reason : wait.subject + " (" + wait.reason + ")");
  return parts.empty() ? "" : "waits for " + text::join(parts, ", ");
}

void print_tree(Output& out, const PlanView& plan) {
  out.line(out.paint(Colour::bold, text::printable(plan.title)) + "  " +
           out.paint(colour_of(plan.status), text::printable("[" + plan.status + "]")));
  for (int stage = 1; stage <= plan.stages(); ++stage) {
    const auto subtasks = of_stage(plan, stage);
    if (subtasks.empty()) continue;
    out.line("stage " + std::to_string(stage) + (stage == plan.current_stage ? "  ◀" : ""));
    for (const SubtaskView* subtask : subtasks) print_branch(out, *subtask, subtask == subtasks.back());
  }
}

void print_stages(Output& out, const PlanView& plan) {
  Table table({"STAGE", "SUBTASK", "MASTER", "WORKER", "MINUTES", "TOKENS", "AFTER", "TITLE"});
  for (int stage = 1; stage <= plan.stages(); ++stage)
    for (const SubtaskView* subtask : of_stage(plan, stage))
      table.row({std::to_string(stage), subtask->id, subtask->master, subtask->worker_type, std::to_string(subtask->minutes),
                 grouped(subtask->tokens), text::join(subtask->dependencies, ","),
                 subtask->title + (subtask->orchestrate ? " (by a task of its own)" : "")});
  table.print(out, terminal_width());
}

void print_judgement(Output& out, const PlanView& plan) {
  out.line("complexity " + text::printable(plan.complexity) + ", score " + std::to_string(plan.score));
  for (const std::string& reason : plan.reasons) out.line("  - " + text::printable(reason));
  if (!plan.domains.empty()) out.line("domains    " + text::printable(text::join(plan.domains, ", ")));
  if (!plan.planner.empty()) out.line("planned by " + text::printable(planner_words(plan.planner)));
  if (plan.simple && !plan.masters.empty()) out.line("master     " + text::printable(text::join(plan.masters, ", ")));
  out.line("estimate   " + text::printable(plan.duration) + ", " + counted(plan.tokens, "token") + ", " +
           counted(plan.workers, "worker") + ", masters " + text::printable(text::join(plan.masters, ", ")));
  for (const std::string& bottleneck : plan.bottlenecks) out.line("bottleneck " + text::printable(bottleneck));
  for (const auto& [file, subtasks] : plan.conflicts)
    out.line("same file  " + text::printable(file + ": " + text::join(subtasks, ", then ")));
}

std::string dot_of(const PlanView& plan) {
  std::string dot = "digraph " + quoted(plan.id) + " {\n  rankdir=LR;\n  label=" + quoted(plan.title) +
                    ";\n  node [shape=box, style=\"rounded,filled\", fillcolor=white];\n";
  for (int stage = 1; stage <= plan.stages(); ++stage) {
    dot += "  subgraph cluster_" + std::to_string(stage) + " {\n    label=\"stage " + std::to_string(stage) + "\";\n";
    for (const SubtaskView* subtask : of_stage(plan, stage))
      dot += "    " + quoted(subtask->id) + " [tooltip=" + quoted(subtask->title + brief_of(*subtask)) +
             ", fillcolor=" + std::string(fill_of(subtask->status)) + "];\n";
    dot += "  }\n";
  }
  for (const SubtaskView& subtask : plan.subtasks)
    for (const std::string& dependency : subtask.dependencies)
      dot += "  " + quoted(dependency) + " -> " + quoted(subtask.id) + ";\n";
  return dot + "}\n";
}

std::string mermaid_of(const PlanView& plan) {
  std::string text = "flowchart LR\n";
  for (int stage = 1; stage <= plan.stages(); ++stage) {
    text += "  subgraph stage_" + std::to_string(stage) + " [\"stage " + std::to_string(stage) + "\"]\n";
    for (const SubtaskView* subtask : of_stage(plan, stage))
      text += "    s" + std::to_string(index_of(plan, subtask->id)) + "[\"" + mermaid_label(subtask->id) + "<br/>" +
              mermaid_label(subtask->title) + "\"]\n";
    text += "  end\n";
  }
  for (const SubtaskView& subtask : plan.subtasks)
    for (const std::string& dependency : subtask.dependencies)
      if (const int from = index_of(plan, dependency); from >= 0)
        text += "  s" + std::to_string(from) + " --> s" + std::to_string(index_of(plan, subtask.id)) + "\n";
  for (const SubtaskView& subtask : plan.subtasks)
    if (fill_of(subtask.status) != "white")
      text += "  style s" + std::to_string(index_of(plan, subtask.id)) + " fill:" + std::string(fill_of(subtask.status)) + "\n";
  return text;
}

}  // namespace baton::front
