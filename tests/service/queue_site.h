// The queue file in tests: brought to rest, and looked at.
#pragma once

#include <doctest/doctest.h>

#include "service/queue_keeper.h"
#include "service/workshop.h"

namespace baton::test {

inline const std::string k_queue = "task-queue.json";

/// Reads, writes and tidies until the queue is at rest.
inline void settle(Run& run) {
  for (int n = 0; n < 10; ++n) {
    do {
      static_cast<void>(run.turn([&](service::Turn& turn) { run.queue.take(turn); }));
    } while (run.queue.more());
    const auto written = run.queue.write();
    REQUIRE_MESSAGE(written.has_value(), written.error().message);
    static_cast<void>(run.turn([&](service::Turn& turn) { run.queue.tidy(turn); }));
  }
}

inline void look(Run& run) {
  run.queue.look();
  settle(run);
}

inline std::string one(const std::string& id) { return R"({"id": ")" + id + R"(", "title": "Fix typo in README.md"})"; }
inline std::string queue_of(const std::vector<std::string>& entries) {
  std::string text;
  for (const std::string& entry : entries) text += (text.empty() ? "" : ",\n  ") + entry;
  return "{\"tasks\": [\n  " + text + "\n]}\n";
}

inline json entry(const Workshop& workshop, const std::string& id) {
  const json queue = workshop.document(k_queue);
  for (const json& each : queue["tasks"])
    if (each.value("id", "") == id) return each;
  return nullptr;
}

inline std::vector<std::string> displaced(const Workshop& workshop) {
  std::vector<std::string> names;
  for (const std::string& name : workshop.list(".", true))
    if (name.starts_with(".task-queue.json.displaced-")) names.push_back(name);
  return names;
}

inline int rejections(const Workshop& workshop, const std::string& type) {
  int n = 0;
  const std::string feed = workshop.get("dashboard-events.jsonl");
  for (auto at = feed.find(type); at != std::string::npos; at = feed.find(type, at + 1)) ++n;
  return n;
}

}  // namespace baton::test
