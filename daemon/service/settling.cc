#include "service/settling.h"

#include <fcntl.h>
#include <algorithm>

#include "platform/lock.h"

namespace baton::service {

namespace {
constexpr std::int64_t k_look_again_ms = 5'000;
}

Settling::Settling(const std::string& root) : root_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

void Settling::forget(const std::string& path) {
  open_.erase(path);
  looks_.erase(path);
}

void Settling::look_later(const std::string& path, const Moment& now) { looks_[path] = now.boot_ms + k_look_again_ms; }

bool Settling::settled(const std::string& path, const platform::Identity& identity, const Moment& now, std::int64_t settle_ms,
                       std::int64_t max_open_ms) {
  const std::optional<bool> closed = platform::no_writer(root_.get(), path);
  if (closed == true) {
    forget(path);
    return true;
  }
  Seen& seen = open_.try_emplace(path, Seen{identity, now.boot_ms, now.boot_ms, 0}).first->second;
  if (!(seen.identity == identity)) {
    seen.identity = identity;
    seen.changed_ms = now.boot_ms;
  }
  seen.until_ms = seen.first_ms + max_open_ms;
  const bool quiet = !closed.has_value() && now.boot_ms - seen.changed_ms >= settle_ms;
  if (quiet || now.boot_ms >= seen.until_ms) {
    forget(path);
    return true;
  }
  looks_[path] = now.boot_ms + settle_ms;
  return false;
}

std::optional<std::int64_t> Settling::next_deadline() const {
  std::optional<std::int64_t> next;
  for (const auto& [path, at] : looks_) next = std::min(next.value_or(at), at);
  return next;
}

std::vector<std::string> Settling::due(const Moment& now) {
  std::erase_if(open_, [&](const auto& each) { return each.second.until_ms < now.boot_ms && !looks_.contains(each.first); });
  std::vector<std::string> paths;
  for (const auto& [path, at] : looks_)
    if (at <= now.boot_ms) paths.push_back(path);
  for (const std::string& path : paths) looks_.erase(path);
  return paths;
}

}  // namespace baton::service
