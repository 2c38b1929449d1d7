// Requests of people about a master: to give it nothing new for a while, and to give it work again.
#include "base/time.h"
#include "core/orchestrator_state.h"
#include "core/planning.h"

namespace baton::core {
namespace {

using Answer = Result<std::string>;

Answer no(std::string message) { return fail(ErrorCode::refused, std::move(message)); }

}  // namespace

Answer Orchestrator::State::apply_to_master(const CommandArrived& command, FeedEntry& entry) {
  // One whose folder is gone may still be paused.
  auto known = masters.contains(command.master) ? Result<std::string>(command.master) : resolve_master(command.master, catalogue);
  if (!known) return fail(ErrorCode::not_found, known.error().message + "; " + known.error().hint);
  entry.fields.emplace_back("master", *known);
  const MasterRecord record = record_of(*known);
  switch (command.verb) {
    case Verb::pause: return pause_master(record);
    case Verb::resume: return resume_master(record);
    case Verb::retry: return retry_master(record);
    case Verb::release: return no("release takes one subtask back: name that instead of its master");
    case Verb::skip:
    case Verb::cancel:
    case Verb::approve:
    case Verb::reject: break;
  }
  return no(std::string(name(command.verb)) + " is about tasks; a master can be paused, resumed and retried");
}

Answer Orchestrator::State::pause_master(MasterRecord record) {
  if (record.paused) return no(record.name + " is already paused");
  record.paused = true;
  keep(record);
  raise(about_pause(record));
  return record.name + " is paused; what it has goes on";
}

Answer Orchestrator::State::resume_master(MasterRecord record) {
  if (!record.paused) return no(record.name + " is not paused" + (paused ? "; everything is: resume without a master" : ""));
  record.paused = false;
  keep(record);
  clear("", "", "paused", record.name);
  if (record.parked_until != 0)
    return record.name + " is no longer paused; it is still parked until " + format_utc(record.parked_until) +
           " (retry ends that)";
  if (record.breaker == Breaker::open) return record.name + " is no longer paused; its breaker is still open (retry closes it)";
  return record.name + " is given work again";
}

/// Whatever its last failures and its provider said: a person knows better.
Answer Orchestrator::State::retry_master(const MasterRecord& record) {
  const bool held = record.parked_until != 0 || record.breaker != Breaker::closed;
  if (!held)
    return no("nothing that retry could mend keeps work from " + record.name +
              (record.paused ? ": it is paused, resume it" : ""));
  unpark(record.name);
  speak_for(record.name);
  return record.name + (record.paused ? " may be given work again when it is resumed" : " is given work again");
}

}  // namespace baton::core
