// The ends of workers that are under way: begun when the core asks for one, told when they are over. Whom they concern is decided
// by Workers; how a process is ended, by platform/ending.h.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "core/effect.h"
#include "platform/ending.h"
#include "platform/loop.h"
#include "service/world.h"

namespace baton::service {

class WorkerEndings {
 public:
  WorkerEndings(World& world, platform::Loop& loop) : world_(world), loop_(loop) {}
  ~WorkerEndings();
  WorkerEndings(const WorkerEndings&) = delete;
  WorkerEndings& operator=(const WorkerEndings&) = delete;

  void begin(const core::EndWorker& wanted, platform::Ending ending);
  /// Nothing is done about it: what is left is told, one sentence each.
  void leave(const core::EndWorker& wanted, std::vector<std::string> left);
  bool contains(const std::string& worker_id) const;

  /// Those that are over are told to the core.
  void take(Turn& turn);
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  bool turn_due() const { return !over_.empty(); }

 private:
  struct Under {
    core::EndWorker what;
    platform::Ending ending;
    std::vector<int> watched;
  };

  void advance(Under& under);

  World& world_;
  platform::Loop& loop_;
  std::list<Under> under_way_;
  std::vector<core::WorkerEnded> over_;
};

}  // namespace baton::service
