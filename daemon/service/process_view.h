// When orchestrator/state/processes.json is due, and what it says. A worker that comes, goes or stands otherwise is shown at
// once; what its processes take is looked at every few seconds, in one reading of /proc for all. All of it costs a thousandth of
// a processor, or three while workers change. Writes nothing itself.
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
  // What took t is not done again before so many t, however often workers come and go, or only figures are new; but whoever
  // looks sees nothing that is older than so many milliseconds.
  struct Pause {
    std::int64_t factor, longest_ms;
  };
  static constexpr Pause k_after_change{300, 10'000};
  static constexpr Pause k_for_figures{1'000, 30'000};

  std::string list();

  const World& world_;
  std::set<std::string, std::less<>> shown_;  // subtasks whose workers it names
  std::optional<std::size_t> written_;        // hash of the list that was taken last
  bool due_ = true;
  std::int64_t next_ms_ = 0;
  std::int64_t figures_ms_ = 0;
};

}  // namespace baton::service
