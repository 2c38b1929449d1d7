// Agents that do nothing, without worktrees: what remains is what handing over, starting and taking back cost. Measured against
// task-spooler, which starts what it is told to, and against ninja, which knows an order; neither of them writes anything down.
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "bench/measure.h"
#include "bench/site.h"

namespace baton::bench {
namespace {

using nlohmann::json;

constexpr int k_layers = 10;
constexpr int k_parents = 3;
constexpr int k_jobs = 2;
constexpr int k_seed = 1;  // the graph is the same in every run

/// For each step the steps of the layer before it that it needs.
using Graph = std::vector<std::vector<int>>;

Graph layered(int steps) {
  Graph graph(static_cast<std::size_t>(steps));
  std::mt19937 random(k_seed);
  const int width = std::max(1, steps / k_layers);
  for (int step = width; step < steps; ++step) {
    const int before = (step / width - 1) * width;
    std::uniform_int_distribution<int> any(before, before + width - 1);
    std::vector<int>& parents = graph[static_cast<std::size_t>(step)];
    while (parents.size() < static_cast<std::size_t>(std::min(k_parents, width)))
      if (const int parent = any(random); std::ranges::find(parents, parent) == parents.end()) parents.push_back(parent);
  }
  return graph;
}

std::string name_of(int step) { return "s" + std::to_string(step); }

json task_of(const Graph& graph) {
  json subtasks = json::array();
  for (std::size_t step = 0; step < graph.size(); ++step) {
    json dependencies = json::array();
    for (const int parent : graph[step]) dependencies.push_back(name_of(parent));
    subtasks.push_back({{"subtask_id", name_of(static_cast<int>(step))},
                        {"title", "Do nothing"},
                        {"assigned_to", "development"},
                        {"dependencies", dependencies}});
  }
  return {{"id", "graph"}, {"title", "Do nothing often"}, {"execution_mode", "eager"}, {"subtasks", subtasks}};
}

/// ms from the drop of the task until its report is there. The runner waits already.
double ours(const Graph& graph) {
  Site site;
  site.configure(R"({"max_subtasks": 2000})");
  write_file(site.path("masters/development/master.json"), R"({"worktree": false, "agent": ["true"]})");
  site.start();
  const pid_t runner = spawn(site.command({"work", "--master", "development", "--jobs", std::to_string(k_jobs)}));
  site.await_quiet();
  Arrivals reports(site.path("orchestrator/reports"));
  const double begin = now_ms();
  put_file(site.path("task-queue.d"), "graph.json", task_of(graph).dump());
  const double end = reports.await("graph.json");
  ::kill(runner, SIGTERM);
  wait_for(runner);
  site.stop();
  return end - begin;
}

double by_ninja(const Graph& graph) {
  const Site site;
  std::string text = "rule nothing\n  command = true\n";
  for (std::size_t step = 0; step < graph.size(); ++step) {
    text += "build " + name_of(static_cast<int>(step)) + ": nothing";
    for (const int parent : graph[step]) text += " " + name_of(parent);
    text += "\n";
  }
  write_file(site.folder() + "/build.ninja", text);
  const double begin = now_ms();
  if (wait_for(spawn({"ninja", "-C", site.folder(), "-j", std::to_string(k_jobs)})) != 0) throw Failure("ninja failed");
  return now_ms() - begin;
}

/// Nothing: it is not installed.
std::optional<double> by_task_spooler(int steps) {
  if (wait_for(spawn({"/bin/sh", "-c", "command -v tsp"})) != 0) return std::nullopt;
  const Site site;
  const std::string jobs = std::to_string(k_jobs), count = std::to_string(steps);
  // The last ones may run at the same time: waited for is whoever is left.
  const std::string script = "tsp -S " + jobs + " && i=0 && while [ $i -lt " + count +
                             " ]; do tsp -n true >&2; i=$((i + 1)); done && tsp -w && tsp -w $((i - 2)); tsp -K";
  const double begin = now_ms();
  if (wait_for(spawn({"/bin/sh", "-c", script}, {"TS_SOCKET=" + site.folder() + "/tsp", "TS_MAXFINISHED=1000"})) != 0)
    throw Failure("tsp failed");
  return now_ms() - begin;
}

}  // namespace

Rows no_op(const Scale& scale) {
  const int steps = scale.times(1'000, 50);
  const std::string many = std::to_string(steps);
  const auto spooled = by_task_spooler(steps);
  const double independent = ours(Graph(static_cast<std::size_t>(steps)));
  const Graph graph = layered(steps);
  const double built = by_ninja(graph), done = ours(graph);
  return {{many + " agents that do nothing, 2 at once, each; tsp", independent / steps, "ms",
           spooled ? std::optional(*spooled / steps) : std::nullopt, "<= 1x",
           spooled ? std::optional(independent <= *spooled) : std::nullopt},
          {"graph of " + many + " of them in 10 layers; ninja", done, "ms", built, "<= 2x", done <= 2 * built}};
}

}  // namespace baton::bench
