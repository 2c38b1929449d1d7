#include "service/splits.h"

#include "core/parts.h"
#include "protocol/readers.h"
#include "protocol/writers.h"
#include "service/arriving.h"

namespace baton::service {

const core::Subtask* Splits::waiting(const std::string& subtask_id, int epoch) const {
  const core::Subtask* whole = world_.core.subtask(subtask_id);
  const bool waits = whole != nullptr && whole->splitting && whole->epoch == epoch && whole->spec.files_affected.size() >= 2;
  return waits ? whole : nullptr;
}

const core::Subtask* Splits::waiting(const std::string& key) const {
  const std::size_t colon = key.rfind(':');
  return waiting(key.substr(0, colon), std::stoi(key.substr(colon + 1)));
}

core::SplitProposed Splits::proposed(const core::Subtask& whole) const {
  core::SplitProposed split;
  split.subtask_id = whole.spec.id;
  split.epoch = whole.epoch;
  split.taken_ids = taken_ids(world_, core::split_ids(whole.spec.id));
  return split;
}

void Splits::take(Turn& turn) {
  for (const core::ProposeSplit& asked : std::exchange(to_halve_, {})) {
    const core::Subtask* whole = waiting(asked.subtask_id, asked.epoch);
    if (whole == nullptr) continue;
    core::SplitProposed split = proposed(*whole);
    split.parts = core::halves_of(whole->spec);
    turn.tell(std::move(split));
  }
}

std::optional<std::string> Splits::request(const std::string& key, const PlannerRound& round) const {
  const core::Subtask* whole = waiting(key);
  if (whole == nullptr) return std::nullopt;
  const core::Task& task = *world_.core.task(whole->task_id);
  return protocol::write_planner_request(task.spec, task.analysis, world_.core.catalogue(), round.previous_answer, round.problems,
                                         whole);
}

Result<> Splits::read(const std::string& key, const std::string& output, Turn& turn) {
  const core::Subtask* whole = waiting(key);
  if (whole == nullptr) return {};
  TRY_VALUE(auto answer, protocol::read_planner_answer(output));
  core::SplitProposed split = proposed(*whole);
  TRY_VALUE(split.parts, core::parts_of(whole->spec, std::move(answer)));
  split.planner = core::PlannerKind::command;
  turn.tell(std::move(split));
  return {};
}

void Splits::give_up(const std::string& key, const Error& error, Turn& turn) {
  const core::Subtask* whole = waiting(key);
  if (whole == nullptr) return;
  core::SplitProposed split = proposed(*whole);
  split.parts = core::halves_of(whole->spec);
  split.note = "the planner command gave no two parts: " + error.message;
  turn.tell(std::move(split));
}

}  // namespace baton::service
