// How masters fare: whose provider takes no work for a while, and who fails so often that it is given less.
#include "base/text.h"
#include "base/time.h"
#include "core/orchestrator_state.h"

namespace baton::core {

Scheduler::Gate gate_of(const MasterRecord& record) {
  const bool parked = record.parked_until != 0;
  if (record.paused || record.breaker == Breaker::open || (parked && !record.on_trial)) return Scheduler::Gate::shut;
  return record.breaker == Breaker::closed && !parked ? Scheduler::Gate::open : Scheduler::Gate::one;
}

MasterRecord Orchestrator::State::record_of(const std::string& master) const {
  const auto found = masters.find(master);
  if (found != masters.end()) return found->second;
  MasterRecord well;
  well.name = master;
  return well;
}

void Orchestrator::State::keep(MasterRecord record) {
  const std::string name = record.name;
  const MasterRecord before = record_of(name);
  if (record == before) return;
  changes.masters.insert(name);
  const bool reason_changed = (record.parked_until != 0) != (before.parked_until != 0) || record.paused != before.paused;
  if (gate_of(record) != gate_of(before) || reason_changed) scheduler.gate(name, gate_of(record));
  if (record.is_well())
    masters.erase(name);
  else
    masters.insert_or_assign(name, std::move(record));
}

void Orchestrator::State::tell_master(std::string type, const MasterRecord& record, Fields fields) {
  fields.emplace(fields.begin(), "master", record.name);
  changes.effects.push_back(FeedEntry{std::move(type), "", "", "", std::move(fields)});
}

void Orchestrator::State::speak_against(const std::string& master) {
  const MasterRecord before = record_of(master);
  const MasterRecord record = after_failure(before, now.wall_ms, catalogue.settings.recovery);
  keep(record);
  if (record.breaker == before.breaker) return;
  if (record.breaker == Breaker::closed) return close_breaker(record);
  resets.set(master, boot_ms_of(record.open_until, catalogue.settings.recovery.breaker_reset_ms));
  tell_master(record.breaker == Breaker::open ? "breaker_opened" : "breaker_degraded", record,
              {{"failures", std::int64_t{record.failures}}, {"until", format_utc(record.open_until)}});
  raise(about_breaker(record));
}

void Orchestrator::State::speak_for(const std::string& master) {
  forgive(master);
  if (record_of(master).on_trial) unpark(master);
}

void Orchestrator::State::forgive(const std::string& master) {
  const MasterRecord before = record_of(master);
  const MasterRecord record = after_success(before);
  keep(record);
  if (before.breaker != Breaker::closed) close_breaker(record);
}

void Orchestrator::State::close_breaker(const MasterRecord& record) {
  resets.clear(record.name);
  tell_master("breaker_closed", record, {});
  clear("", "", "breaker", record.name);
}

void Orchestrator::State::close_breakers() {
  std::vector<std::string> names;
  for (const auto& [name, record] : masters) names.push_back(name);
  for (const std::string& name : names) forgive(name);
}

void Orchestrator::State::probe(const std::string& master) {
  if (record_of(master).breaker == Breaker::open) reset_breaker(master);
}

void Orchestrator::State::reset_breaker(const std::string& master) {
  const RecoverySettings& settings = catalogue.settings.recovery;
  const MasterRecord record = after_reset(record_of(master), now.wall_ms, settings);
  keep(record);
  if (record.breaker == Breaker::closed) return close_breaker(record);
  resets.set(master, boot_ms_of(record.open_until, settings.breaker_reset_ms));
  tell_master("breaker_half_open", record, {});
  attention.raise(about_breaker(record));  // up already; only its words change
}

void Orchestrator::State::park(const std::string& master, const Failure& failure) {
  MasterRecord record = record_of(master);
  const std::int64_t until = now.wall_ms + parking_ms(failure, record.parkings + 1, catalogue.settings.recovery);
  const bool was_tried = std::exchange(record.on_trial, false);
  if (record.parked_until >= until) {  // another one was told to wait longer
    if (was_tried) attention.raise(about_parking(record));
    return keep(std::move(record));
  }
  ++record.parkings;
  record.parked_until = until;
  record.parked_reason = failure.error.empty() ? "rate limited" : text::ellipsis(failure.error, 300);
  parkings.set(master, boot_ms_of(until, k_longest_parking_ms));
  keep(record);
  tell_master("master_parked", record, {{"until", format_utc(until)}, {"reason", record.parked_reason}});
  raise(about_parking(record));
}

void Orchestrator::State::unpark(const std::string& master) {
  MasterRecord record = record_of(master);
  if (record.parked_until == 0) return;
  parkings.clear(master);
  record.parked_until = 0;
  record.parked_reason.clear();
  record.on_trial = false;
  keep(std::move(record));
  clear("", "", "master_parked", master);
}

void Orchestrator::State::try_parked(const std::string& master) {
  MasterRecord record = record_of(master);
  if (record.parked_until == 0) return;
  record.on_trial = true;
  attention.raise(about_parking(record));  // up already; only its words change
  keep(std::move(record));
}

void Orchestrator::State::wake_masters() {
  while (const auto master = parkings.take_due(now.boot_ms)) unpark(*master);
  while (const auto master = resets.take_due(now.boot_ms)) reset_breaker(*master);
}

}  // namespace baton::core
