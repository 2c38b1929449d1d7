// Things to be done at a time: at most one per key, found by key and by time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace baton::core {

class Alarms {
 public:
  /// Instead of the one that `key` had.
  void set(const std::string& key, std::int64_t due_ms) {
    clear(key);
    due_.emplace(key, due_ms);
    in_order_.emplace(due_ms, key);
  }
  /// Harmless when there is none.
  void clear(const std::string& key) {
    const auto found = due_.find(key);
    if (found == due_.end()) return;
    in_order_.erase({found->second, key});
    due_.erase(found);
  }
  bool contains(const std::string& key) const { return due_.contains(key); }
  std::optional<std::int64_t> next() const {
    if (in_order_.empty()) return std::nullopt;
    return in_order_.begin()->first;
  }
  /// Takes the first one whose time has come; the key of those with the same time decides.
  std::optional<std::string> take_due(std::int64_t now_ms) {
    if (in_order_.empty() || in_order_.begin()->first > now_ms) return std::nullopt;
    std::string key = in_order_.begin()->second;
    clear(key);
    return key;
  }

 private:
  std::map<std::string, std::int64_t> due_;
  std::set<std::pair<std::int64_t, std::string>> in_order_;
};

}  // namespace baton::core
