#include "service/settling.h"

#include <fcntl.h>
#include <algorithm>

#include "platform/lock.h"

namespace baton::service {

Settling::Settling(const std::string& root) : root_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

bool Settling::settled(const std::string& path, const platform::Identity& identity, const Moment& now, std::int64_t settle_ms,
                       std::int64_t max_open_ms) {
  const std::optional<bool> closed = platform::no_writer(root_.get(), path);
  if (closed == true) {
    files_.erase(path);
    return true;
  }
  Seen& seen = files_.try_emplace(path, Seen{identity, now.boot_ms, now.boot_ms, 0}).first->second;
  if (!(seen.identity == identity)) {
    seen.identity = identity;
    seen.changed_ms = now.boot_ms;
  }
  const bool quiet = !closed.has_value() && now.boot_ms - seen.changed_ms >= settle_ms;
  if (quiet || now.boot_ms - seen.first_ms >= max_open_ms) {
    files_.erase(path);
    return true;
  }
  seen.look_ms = now.boot_ms + settle_ms;
  return false;
}

std::optional<std::int64_t> Settling::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const auto& [path, seen] : files_) next = std::min(next.value_or(seen.look_ms), seen.look_ms);
  return next;
}

std::vector<std::string> Settling::due(const Moment& now) {
  std::vector<std::string> paths;
  for (auto& [path, seen] : files_) {
    if (seen.look_ms > now.boot_ms) continue;
    seen.look_ms = now.boot_ms + 1'000;  // should nobody ask in between
    paths.push_back(path);
  }
  return paths;
}

}  // namespace baton::service
