// Child tasks on their way into the core: an id that is free, what they are asked, their plan. The core is told in a turn after
// the one in which it asked. docs/protocol.md, "Child tasks".
#pragma once

#include <deque>
#include <string>

#include "core/effect.h"
#include "service/world.h"

namespace baton::service {

class Children {
 public:
  explicit Children(World& world) : world_(world) {}

  void ask(const core::ProposeChild& asked) { asked_.push_back(asked); }
  /// Makes a bounded number of them.
  void take(Turn& turn);
  bool more() const { return !asked_.empty(); }

 private:
  std::string free_id(const std::string& subtask_id);

  World& world_;
  std::deque<core::ProposeChild> asked_;
};

}  // namespace baton::service
