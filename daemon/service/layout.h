// What `baton init` lays down and the daemon does not make anew: when it disappears while the daemon runs (`git clean -fdx`), a
// person is told.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "platform/watch.h"
#include "service/world.h"

namespace baton::service {

class Layout {
 public:
  explicit Layout(World& world) : world_(world) {}

  /// A look is due some time after the last notice: a checkout takes files away for a moment.
  void notice(const platform::Notice& notice);
  std::optional<std::int64_t> next_deadline() const { return look_ms_; }  // boot_ms
  /// At the start, and when it is due.
  void look();
  void look_when_due();

 private:
  bool has_any(const std::string& folder, std::string_view ending) const;

  World& world_;
  std::set<std::string> seen_;  // was there in this run
  std::optional<std::int64_t> look_ms_;
};

}  // namespace baton::service
