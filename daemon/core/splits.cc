// A subtask that was too much for its worker is replaced by two that do a part of it each. docs/protocol.md, "After a failure".
#include <algorithm>
#include <array>

#include "base/text.h"
#include "core/graph.h"
#include "core/orchestrator_state.h"
#include "core/parts.h"

namespace baton::core {
namespace {

void replace(std::vector<std::string>& ids, const std::string& old, const std::vector<std::string>& by) {
  const auto at = std::ranges::find(ids, old);
  if (at == ids.end()) return;
  const auto behind = ids.erase(at);
  ids.insert(behind, by.begin(), by.end());
}

bool writes(const Subtask& subtask, const std::string& file) {
  return std::ranges::any_of(subtask.spec.files_affected, [&file](const std::string& each) { return paths_overlap(each, file); });
}

}  // namespace

/// Its parts are asked for when its wait is over: an answer that comes late still counts until then.
void Orchestrator::State::plan_split(SubtaskRef ref) {
  if (ref->status != SubtaskStatus::ready || ref.live->task.subtasks.size() + 2 > k_max_subtasks_bound) return;
  ref->splitting = true;
  scheduler.withdraw(*ref);
  ask_for_parts(ref);
}

/// When its wait is over, and its last worker has ended.
void Orchestrator::State::ask_for_parts(SubtaskRef ref) {
  if (!ref->splitting || ref->retry_at != 0 || leaving.contains(ref->spec.id)) return;
  changes.effects.push_back(ProposeSplit{ref->spec.id, ref->epoch});
}

void Orchestrator::State::on(const SplitProposed& event) {
  const SubtaskRef ref = find(event.subtask_id);
  if (!ref || !ref->splitting || event.epoch != ref->epoch) return;
  ref->splitting = false;
  touch(*ref.live, *ref);
  std::vector<std::string> free;
  for (std::string& id : split_ids(ref->spec.id))
    if (std::ranges::find(event.taken_ids, id) == event.taken_ids.end() && !find(id) && find_task(id) == nullptr)
      free.push_back(std::move(id));
  if (free.size() < 2 || !check_parts(ref->spec, event.parts)) return let_go(ref);  // then as a whole
  split(ref, {std::move(free[0]), std::move(free[1])}, event);
}

void Orchestrator::State::split(SubtaskRef whole, const std::array<std::string, 2>& ids, const SplitProposed& proposed) {
  const auto& parts = proposed.parts;
  LiveTask& live = *whole.live;
  const std::string sentence = split_sentence(parts.first, parts.second);
  if (!move(whole, SubtaskCause::superseded)) return;
  check_master(*whole);
  whole->retry_modifications = sentence;
  const std::vector<std::string> into{ids[0], ids[1]};
  add_part(whole, parts.first, ids[0]);
  add_part(whole, parts.second, ids[1]);
  rewire(live, whole->spec.id, into);
  const bool was_simple = std::exchange(live.task.simple, false);
  live.progress = PlanProgress(live.task, scheduler.rule() != FileConflicts::off);
  note_progress(live);
  if (was_simple) {  // what is told of a task with several subtasks
    tell("orchestration_started", live.task, {{"subtasks", std::int64_t{2}}});
    tell("stage_started", live.task, {{"stage", std::int64_t{1}}});
  }
  Fields fields{{"into", into},
                {"reason", whole->retry_reason},
                {"retry_modifications", sentence},
                {"planner", std::string(name(proposed.planner))}};
  if (!proposed.note.empty()) fields.emplace_back("note", text::ellipsis(proposed.note, 500));
  tell("subtask_split", *whole, std::move(fields));
  promote(live, live.progress.open(live.task));
}

/// A part goes on where the whole was given up: what was tried counts.
void Orchestrator::State::add_part(SubtaskRef whole, const SubtaskSpec& spec, const std::string& id) {
  LiveTask& live = *whole.live;
  Subtask part;
  part.spec = whole->spec;
  part.spec.id = id;
  part.spec.title = spec.title;
  part.spec.description = spec.description;
  part.spec.files_affected = spec.files_affected;
  part.spec.estimated_minutes = spec.estimated_minutes;
  part.spec.estimated_tokens = spec.estimated_tokens;
  if (!spec.success_criteria.empty()) part.spec.success_criteria = spec.success_criteria;
  part.task_id = whole->task_id;
  part.stage = whole->stage;
  part.order = whole->order;
  part.attempt = whole->attempt;
  part.conflicts = whole->conflicts;
  part.created_at = now.wall_ms;
  part.program_checks = whole->program_checks;
  part.retry_count = whole->retry_count;
  part.retry_reason = whole->retry_reason;
  part.retry_modifications = whole->retry_modifications;
  part.error = whole->error;
  part.failure_class = whole->failure_class;
  part.failure_cause = whole->failure_cause;
  part.evidence = whole->evidence;
  part.split_of = whole->spec.id;
  live.task.subtasks.push_back(std::move(part));
  const SubtaskRef ref{&live, live.task.subtasks.size() - 1};
  subtasks.insert_or_assign(id, ref);
  touch(live, *ref);
}

void Orchestrator::State::rewire(LiveTask& live, const std::string& whole, const std::vector<std::string>& parts) {
  for (Subtask& subtask : live.task.subtasks) {
    if (std::ranges::find(subtask.spec.dependencies, whole) == subtask.spec.dependencies.end()) continue;
    replace(subtask.spec.dependencies, whole, parts);
    changes.rewired.insert(subtask.spec.id);
    touch(live, subtask);
  }
  for (Conflict& conflict : live.task.conflicts) {
    std::vector<std::string> writers;
    for (const std::string& part : parts)
      if (writes(*find(part), conflict.file)) writers.push_back(part);
    replace(conflict.subtasks, whole, writers);
  }
}

}  // namespace baton::core
