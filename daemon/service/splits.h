// How a subtask may be done in two parts, said to the core in the turn after it asked.
#pragma once

#include <vector>

#include "core/effect.h"
#include "service/world.h"

namespace baton::service {

class Splits {
 public:
  explicit Splits(World& world) : world_(world) {}
  void propose(const core::ProposeSplit& split) { asked_.push_back(split); }
  void take(Turn& turn);
  bool turn_due() const { return !asked_.empty(); }

 private:
  World& world_;
  std::vector<core::ProposeSplit> asked_;
};

}  // namespace baton::service
