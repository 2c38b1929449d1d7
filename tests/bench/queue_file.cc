// The queue file: one entry among very many is new. What it costs the daemon to take it up, hand it off and write its status
// back, and how long others wait meanwhile.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

constexpr std::size_t k_description_bytes = 400;  // 10,000 entries make a file of 6 MB

nlohmann::ordered_json queue_entry(const std::string& id) {
  auto entry = nlohmann::ordered_json::parse(task(id));
  entry["description"] = std::string(k_description_bytes, 'd');
  return entry;
}

void replace_queue(const Site& site, const nlohmann::ordered_json& queue) {
  put_file(site.path(""), "task-queue.json", queue.dump(2));
}

nlohmann::ordered_json queue_of(const Site& site) {
  return nlohmann::ordered_json::parse(read_file(site.path("task-queue.json")));
}

/// Parse and dump, as a program would that knows nothing better.
double floor_of_change(const std::string& bytes, int times) {
  std::vector<double> took;
  for (int n = 0; n < times; ++n) {
    const double begin = now_ms();
    const std::string back = nlohmann::json::parse(bytes).dump(2);
    took.push_back(now_ms() - begin);
    if (back.empty()) throw Failure("dump made nothing");
  }
  return percentile(took, 50);
}

/// Replaces an entry by one with a new id, and waits for its handoff.
double change(const Site& site, const std::string& id, Arrivals& handoffs) {
  nlohmann::ordered_json queue = queue_of(site);
  queue["tasks"].back() = queue_entry(id);
  const std::string bytes = queue.dump(2);
  const double begin = now_ms();
  put_file(site.path(""), "task-queue.json", bytes);
  return handoffs.await(Site::handoff_name(id)) - begin;
}

/// Drops one task after the other for `ms` while the queue changes; the slowest handoff.
double slowest_probe(const Site& site, const std::string& name, const std::string& queue, double ms) {
  Arrivals handoffs(site.handoffs());
  put_file(site.path(""), "task-queue.json", queue);
  double slowest = 0;
  const double end = now_ms() + ms;
  for (int n = 0; now_ms() < end; ++n) {
    const std::string id = name + "-" + std::to_string(n);
    const double begin = now_ms();
    site.drop(id);
    slowest = std::max(slowest, handoffs.await(Site::handoff_name(id)) - begin);
  }
  return slowest;
}

}  // namespace

Rows queue_file(const Scale& scale) {
  const int entries = scale.times(10'000, 500), times = scale.times(5, 2);
  Site site;
  site.start();
  nlohmann::ordered_json queue{{"tasks", nlohmann::ordered_json::array()}};
  for (int n = 0; n < entries; ++n) queue["tasks"].push_back(queue_entry("entry-" + std::to_string(n)));
  replace_queue(site, queue);
  site.await_live(entries);
  site.await_quiet();

  std::vector<double> cost, wait, stall;
  for (int n = 0; n < times; ++n) {
    Arrivals handoffs(site.handoffs());
    const double before = cpu_ms(site.pid());
    wait.push_back(change(site, "change-" + std::to_string(n), handoffs));
    site.await_quiet();
    cost.push_back(cpu_ms(site.pid()) - before);
  }
  for (int n = 0; n < times; ++n) {
    const std::string name = "probe-" + std::to_string(n);
    nlohmann::ordered_json changed = queue_of(site);
    changed["tasks"].back() = queue_entry(name);
    stall.push_back(slowest_probe(site, name, changed.dump(2), scale.times(1'500, 300)));
    site.await_quiet();
  }
  const double floor = floor_of_change(read_file(site.path("task-queue.json")), times);
  const double all = percentile(cost, 50), first = percentile(wait, 50), usual = percentile(stall, 50);
  return {{"queue file, cost of one change", all, "ms CPU", floor, "<= 0.3x", all <= 0.3 * floor},
          {"queue file, change to handoff", first, "ms", floor, "", std::nullopt},
          // A change stalls the loop the same way each time; what one of them adds is the disk's and the machine's.
          {"queue file, slowest drop during a change", usual, "ms", std::nullopt, "<= 20 ms", usual <= 20},
          {"the same, slowest of " + std::to_string(times) + " changes", percentile(stall, 100), "ms", std::nullopt, "",
           std::nullopt}};
}

}  // namespace baton::bench
