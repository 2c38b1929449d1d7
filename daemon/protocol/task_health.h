// How a task fares, by what happened to it and by what people were told: of itself, of a master that it needs, of the machine.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"

namespace baton::protocol {

/// What needs a person, by whom it concerns.
struct Troubles {
  std::set<std::string> tasks;
  std::set<std::string> masters;  // parked, or with a breaker that is not closed: whatever is open there
  std::set<std::string> silent;   // masters that take nothing: what lies there
  bool shortage = false;          // of the machine: what is ready
};
Troubles troubles_of(const std::vector<core::Attention>& attention);

/// healthy, degraded or blocked. docs/protocol.md, "State".
std::string_view health_of(const core::Task& task, const Troubles& troubles);

}  // namespace baton::protocol
