// Whether this machine can take more work: nothing new is handed off while it is short of memory or disk. docs/protocol.md,
// "After a failure".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/event.h"
#include "service/world.h"

namespace baton::service {

struct Machine {
  std::optional<double> memory_pressure;  // per cent; nothing: the kernel does not measure it
  std::int64_t free_bytes = 0;            // on the fuller one of the filesystems of the coordination folder and the workspace
};

/// What `machine` is short of by the settings. Once short, it has to be a little better than the limit, so that nothing flutters.
core::MachineSeen judge(const Machine& machine, const protocol::Config& config, const std::string& short_of);

class Admission {
 public:
  explicit Admission(World& world) : world_(world) {}

  /// Before the first handoff of a run.
  core::MachineSeen look();
  /// Looks at most once a second, and tells the core of a change.
  void take(Turn& turn);
  /// While it is short it is looked at again; else only when there is a turn anyway. boot_ms
  std::optional<std::int64_t> next_deadline() const;

 private:
  World& world_;
  std::string short_of_;
  std::int64_t looked_ms_ = 0;
};

}  // namespace baton::service
