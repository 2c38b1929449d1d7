// How a subtask may be done in two parts: as the planner command says when there is one, else in halves by its files. The core is
// told in a turn after the one in which it asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/effect.h"
#include "service/planner_round.h"
#include "service/world.h"

namespace baton::service {

class Splits {
 public:
  explicit Splits(World& world) : world_(world) {}

  /// As a question to the planner command. No task has such an id.
  static std::string key_of(const core::ProposeSplit& asked) { return asked.subtask_id + ":" + std::to_string(asked.epoch); }
  static bool is_key(std::string_view key) { return key.find(':') != std::string_view::npos; }

  /// Without a planner command.
  void halve(const core::ProposeSplit& asked) { to_halve_.push_back(asked); }
  void take(Turn& turn);
  bool turn_due() const { return !to_halve_.empty(); }

  /// The subtask still waits for its parts.
  bool is_wanted(const std::string& key) const { return waiting(key) != nullptr; }
  /// The document for the command's standard input; nothing: it waits no longer.
  std::optional<std::string> request(const std::string& key, const PlannerRound& round) const;
  /// Tells the core. An error: the answer breaks a rule, and nothing was told.
  Result<> read(const std::string& key, const std::string& output, Turn& turn);
  /// There will be no answer: the core is told the halves, and why.
  void give_up(const std::string& key, const Error& error, Turn& turn);

 private:
  const core::Subtask* waiting(const std::string& key) const;
  const core::Subtask* waiting(const std::string& subtask_id, int epoch) const;
  core::SplitProposed proposed(const core::Subtask& whole) const;

  World& world_;
  std::vector<core::ProposeSplit> to_halve_;
};

}  // namespace baton::service
