// What will happen, in order; what is due at the same time happens in the order in which it was entered.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace baton::simulation {

class Agenda {
 public:
  void enter(std::int64_t at_ms, std::function<void()> what) { entries_.emplace(at_ms, std::move(what)); }
  std::optional<std::int64_t> next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first;
  }
  /// Also what is entered meanwhile.
  void run_until(std::int64_t now_ms) {
    while (!entries_.empty() && entries_.begin()->first <= now_ms) {
      const std::function<void()> what = std::move(entries_.begin()->second);
      entries_.erase(entries_.begin());
      what();
    }
  }

 private:
  std::multimap<std::int64_t, std::function<void()>> entries_;
};

}  // namespace baton::simulation
