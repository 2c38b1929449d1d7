#include "service/journal_watch.h"

#include <utility>

#include "service/log.h"

namespace baton::service {

namespace {

constexpr std::int64_t k_first_ms = 1'000;
constexpr std::int64_t k_last_ms = 60'000;
const std::string k_unwatched = "journal_unwatched";  // attention

}  // namespace

Result<JournalWatch> JournalWatch::open(const std::string& state_dir) {
  TRY_VALUE(auto watch, platform::Watch::open(state_dir));
  TRY(watch.add(""));
  return JournalWatch(std::move(watch));
}

void JournalWatch::renew(World& world) {
  const auto watched = watch_.add("");
  if (watched) {
    pause_.worked();
    return world.remarks.clear(k_unwatched);
  }
  pause_.failed(world.now.boot_ms, k_first_ms, k_last_ms);
  const std::string message = "it is not noticed at once when the journal is deleted: " + in_words(watched.error());
  if (world.remarks.raise(k_unwatched, message)) log::warn({message, "; tried again by itself"});
}

}  // namespace baton::service
