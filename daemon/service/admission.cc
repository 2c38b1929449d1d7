#include "service/admission.h"

#include <algorithm>

#include "base/time.h"
#include "platform/resources.h"
#include "service/log.h"

namespace baton::service {
namespace {

constexpr std::int64_t k_look_ms = 1'000;

std::string mebibytes(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

Machine machine_of(const World& world) {
  Machine machine{platform::memory_pressure(), INT64_MAX};
  for (const std::string& folder : {world.root, world.workspace, world.state_dir})
    if (const auto free = platform::free_bytes(folder)) machine.free_bytes = std::min(machine.free_bytes, *free);
  return machine;
}

}  // namespace

core::MachineSeen judge(const Machine& machine, const protocol::Config& config, const std::string& short_of) {
  const double pressure_limit = config.max_memory_pressure * (short_of == "memory" ? 0.75 : 1.0);
  if (config.max_memory_pressure < 100 && machine.memory_pressure.value_or(0) > pressure_limit)
    return {"memory", "memory pressure is " + std::to_string(static_cast<int>(*machine.memory_pressure)) +
                          " %, max_memory_pressure " + std::to_string(config.max_memory_pressure)};
  const std::int64_t floor = config.min_free_disk + (short_of == "disk" ? config.min_free_disk / 10 : 0);
  if (machine.free_bytes < floor)
    return {"disk", mebibytes(machine.free_bytes) + " are free, min_free_disk is " + mebibytes(config.min_free_disk)};
  return {};
}

core::MachineSeen Admission::look() {
  core::MachineSeen seen = judge(machine_of(world_), world_.config, short_of_);
  looked_ms_ = world_.now.boot_ms;
  if (seen.shortage != short_of_) log::info({seen.shortage.empty() ? "there is enough again: handing off" : seen.message});
  short_of_ = seen.shortage;
  return seen;
}

void Admission::take(Turn& turn) {
  if (world_.now.boot_ms < looked_ms_ + k_look_ms) return;
  const std::string before = short_of_;
  core::MachineSeen seen = look();
  if (seen.shortage != before) turn.tell(std::move(seen));
}

std::optional<std::int64_t> Admission::next_deadline() const {
  if (short_of_.empty()) return std::nullopt;
  return looked_ms_ + k_look_ms;
}

}  // namespace baton::service
