// When orchestrator/state/processes.json is due, and what it says. A worker that comes, goes or stands otherwise is shown at
// once; what its processes take is looked at every few seconds, in one reading of /proc for all. All of it costs about a
// thousandth of a processor, unless there are so many that it would come less often than every ten seconds. Writes nothing
// itself.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "service/world.h"

namespace baton::service {

class ProcessView {
 public:
  explicit ProcessView(const World& world) : world_(world) {}

  void changed(const core::Changes& changes);
  /// What stands there now is not known to be ours.
  void forget();
  /// Nothing is due before then.
  void pause_until(std::int64_t boot_ms) { next_ms_ = boot_ms; }
  std::optional<std::int64_t> next_deadline() const;  // boot_ms
  /// The document, when it is due and says something else than the last one.
  std::optional<std::string> take(std::int64_t now_boot_ms);

 private:
  static constexpr std::int64_t k_figures_ms = 3'000;
  static constexpr std::int64_t k_pause_factor = 1'000;       // what took t does not happen again before 1,000 t,
  static constexpr std::int64_t k_longest_pause_ms = 10'000;  // but whoever looks sees nothing that is older than this

  std::string list();

  const World& world_;
  std::set<std::string, std::less<>> shown_;  // subtasks whose workers it names
  std::optional<std::size_t> written_;        // hash of the list that was taken last
  bool due_ = true;
  std::int64_t next_ms_ = 0;
  std::int64_t figures_ms_ = 0;
};

}  // namespace baton::service
