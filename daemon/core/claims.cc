// Handoffs that lie there: until when somebody should have claimed them, and who is told when nobody does. docs/protocol.md,
// "Never claimed".
#include <algorithm>

#include "base/time.h"
#include "core/orchestrator_state.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_patience = 3;  // times claim_timeout, for one handoff of a master that is at work

}  // namespace

void Orchestrator::State::await_claim(const Subtask& subtask, std::int64_t timeout_ms) {
  lying_since[subtask.spec.id] = now.mono_ms;
  unclaimed.set(subtask.spec.id, now.mono_ms + timeout_ms);
}

/// It lies there no more, or nobody could take it.
void Orchestrator::State::stop_awaiting_claim(const Subtask& subtask) {
  unclaimed.clear(subtask.spec.id);
  lying_since.erase(subtask.spec.id);
  const std::string& master = subtask.spec.assigned_to;
  clear(subtask.task_id, subtask.spec.id, "unclaimed", master);
  if (attention.is_up(about_claim(master, 0, 0)) && lying_for(master).empty()) clear("", "", "unclaimed", master);
}

void Orchestrator::State::note_claim(const Subtask& taken) {
  std::int64_t& youngest = last_sign[taken.spec.assigned_to].youngest_taken;
  if (const auto lay = lying_since.find(taken.spec.id); lay != lying_since.end()) youngest = std::max(youngest, lay->second);
  sign_of(taken.spec.assigned_to);
}

void Orchestrator::State::sign_of(const std::string& master) {
  last_sign[master].at = now.mono_ms;
  if (!attention.is_up(about_claim(master, 0, 0))) return;
  clear("", "", "unclaimed", master);
  const std::int64_t timeout_ms = catalogue.settings.recovery.claim_timeout_ms;
  for (const Subtask* subtask : lying_for(master)) unclaimed.set(subtask->spec.id, now.mono_ms + timeout_ms);
}

/// A master that is silent is told of as a whole. While it is at work it may have more than it can take at once, and one handoff
/// is told of only when it is passed over: others that came later were taken, and it has lain there for so much longer.
void Orchestrator::State::report_unclaimed() {
  const std::int64_t timeout_ms = catalogue.settings.recovery.claim_timeout_ms;
  while (const auto subtask_id = unclaimed.take_due(now.mono_ms)) {
    const SubtaskRef ref = find(*subtask_id);
    BATON_ASSERT(ref && ref->status == SubtaskStatus::handed_off);
    const auto sign = last_sign.find(ref->spec.assigned_to);
    if (sign == last_sign.end() || now.mono_ms - sign->second.at >= timeout_ms) {
      report_silence(*ref, timeout_ms);
      continue;
    }
    const std::int64_t since = lying_since.at(*subtask_id);
    const std::int64_t bound = since + k_patience * timeout_ms;
    if (now.mono_ms >= bound && sign->second.youngest_taken > since) report_overlooked(*ref, k_patience * timeout_ms);
    const std::int64_t next = sign->second.at + timeout_ms;
    unclaimed.set(*subtask_id, now.mono_ms < bound ? std::min(next, bound) : next);
  }
}

/// Once, however much lies there for it.
void Orchestrator::State::report_silence(const Subtask& lying, std::int64_t timeout_ms) {
  const std::string& master = lying.spec.assigned_to;
  if (attention.is_up(about_claim(master, 0, 0))) return;
  const std::size_t count = lying_for(master).size();
  tell("handoff_unclaimed", lying,
       {{"master", master}, {"handoffs", static_cast<std::int64_t>(count)}, {"after", format_duration(timeout_ms)}});
  raise(about_claim(master, count, timeout_ms));
}

void Orchestrator::State::report_overlooked(const Subtask& lying, std::int64_t bound_ms) {
  const Attention about = about_overlooked(lying, bound_ms);
  if (attention.is_up(about)) return;
  tell("handoff_unclaimed", lying,
       {{"master", lying.spec.assigned_to}, {"handoffs", std::int64_t{1}}, {"after", format_duration(bound_ms)}});
  raise(about);
}

std::vector<const Subtask*> Orchestrator::State::lying_for(const std::string& master) const {
  std::vector<const Subtask*> lying;
  for (const auto& [id, ref] : subtasks)
    if (ref->status == SubtaskStatus::handed_off && !ref->undelivered && ref->spec.assigned_to == master) lying.push_back(&*ref);
  return lying;
}

}  // namespace baton::core
