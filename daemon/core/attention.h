// What a person should look at now: raised and cleared on change only, so that nobody is told the same thing twice.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/orchestrator.h"

namespace baton::core {

Attention about_approval(const Task& task);
Attention about_block(const Task& task);
Attention about_pause(const Task& task);
Attention about_pause_of_all();
Attention about_pause(const MasterRecord& master);
Attention about_unknown(const Task& task, const std::string& dependency);
Attention about_delivery(const Subtask& subtask, const std::string& reason);
Attention about_refusal(const Subtask& subtask);
Attention about_master(const Subtask& subtask);
Attention about_silence(const Subtask& subtask, const std::vector<std::string>& evidence);
Attention about_lateness(const Subtask& subtask);
Attention about_overdue(const Subtask& subtask, const std::vector<std::string>& evidence);
Attention about_zombie(const Subtask& subtask, const std::vector<std::string>& why_not_ended);
Attention about_leftover(const Subtask& subtask, const std::vector<std::string>& left);
Attention about_claim(const std::string& master, std::size_t lying, std::int64_t timeout_ms);
Attention about_overlooked(const Subtask& subtask, std::int64_t bound_ms);
Attention about_parking(const MasterRecord& master);
Attention about_shortage(const MachineSeen& machine);
Attention about_breaker(const MasterRecord& master);

/// No record tells that it is up, so the journal keeps it: what was told in one run is no news in the next.
bool is_journalled(std::string_view reason);

class AttentionBoard {
 public:
  /// False: it was up already (the message is replaced).
  bool raise(const Attention& attention);
  /// Whatever its message.
  bool is_up(const Attention& attention) const;
  /// False: it was not up.
  bool clear(const std::string& task_id, const std::string& subtask_id, const std::string& reason,
             const std::string& master = "");
  /// Takes down everything about a task and its subtasks, and says what that was.
  std::vector<Attention> clear_task(const std::string& task_id);
  std::vector<Attention> all() const;

 private:
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string>
      messages_;  // task, subtask, reason, master
};

}  // namespace baton::core
