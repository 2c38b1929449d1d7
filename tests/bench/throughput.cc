// Throughput: simple tasks from the drop to both reports. The client drops, claims and answers as fast as the daemon lets it, on
// the same machine.
#include <filesystem>

#include "bench/figure.h"
#include "bench/floor.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

constexpr int k_drops_at_once = 16;  // between two looks for handoffs
constexpr int k_patience_ms = 60'000;

/// "to-development-subtask-ID.json" → ID; empty for another name.
std::string subtask_of(const std::string& name) {
  constexpr std::string_view before = "to-development-subtask-", after = ".json";
  if (!name.starts_with(before)) return {};
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

double run_all(const Site& site, int count) {
  Arrivals handoffs(site.handoffs()), reports(site.path("orchestrator/reports"));
  int dropped = 0, reported = 0;
  const double begin = now_ms();
  while (reported < count) {
    for (int i = 0; i < k_drops_at_once && dropped < count; ++i) site.drop("flow-" + std::to_string(dropped++));
    const std::vector<std::string> arrived = handoffs.take(0);
    for (const std::string& name : arrived)
      if (const std::string id = subtask_of(name); !id.empty()) {
        site.claim(id);
        site.answer(id);
      }
    for (const std::string& name : reports.take(arrived.empty() && dropped == count ? 2 : 0)) reported += name.ends_with(".md");
    if (now_ms() - begin > k_patience_ms) throw Failure("only " + std::to_string(reported) + " reports came");
  }
  return now_ms() - begin;
}

TaskFiles sizes_of(const Site& site, const std::string& id) {
  namespace fs = std::filesystem;
  const auto size = [&site](const std::string& relative) { return static_cast<std::size_t>(fs::file_size(site.path(relative))); };
  const std::string feed = read_file(site.path("dashboard-events.jsonl"));
  TaskFiles sizes;
  sizes.drop = task(id).size();
  sizes.handoff = size("masters/development/handoffs/done/" + Site::handoff_name(id));
  sizes.result = size("masters/development/handoffs/done/from-development-subtask-" + id + ".json");
  sizes.plan = size("orchestrator/tasks/orch-" + id + ".json");
  sizes.subtask = size("orchestrator/subtasks/" + id + ".json");
  sizes.report = size("orchestrator/reports/" + id + ".json");
  sizes.markdown = size("orchestrator/reports/" + id + ".md");
  sizes.feed_line = feed.find('\n', feed.find("task_received")) - feed.rfind('\n', feed.find("task_received"));
  return sizes;
}

}  // namespace

Rows throughput(const Scale& scale) {
  const int count = scale.times(5'000, 300);
  Site site;
  site.start();
  const double took = run_all(site, count);
  site.await_quiet();
  const double least = floor_of_tasks(site.folder() + "/floor", count, sizes_of(site, "flow-0"));
  const double measured = count / took * 1e3, floor = count / least * 1e3;
  return {{"throughput, drop to report", measured, "tasks/s", floor, ">= 50%", measured >= 0.5 * floor}};
}

}  // namespace baton::bench
