// Agents that crash, hang, do nothing and get into each other's way: how much of the work is done without a person, and that
// nothing of it is lost.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bench/figure.h"
#include "bench/measure.h"
#include "bench/project.h"

namespace baton::bench {
namespace {

using nlohmann::json;

constexpr int k_per_task = 5;
constexpr double k_patience_ms = 1'800'000;

// Of 100 attempts 4 are killed in the middle of their work, 3 hang, 3 do nothing, and 15 change a line that others change, too.
// Whoever finds the markers of a merge keeps both sides.
const std::string k_agent = R"(
place=$(basename $PWD); step=${place%-a*}
if grep -q '^<<<<<<< ' src/0/0.txt; then
  sed -i '/^<<<<<<< /d; /^=======$/d; /^>>>>>>> /d' src/0/0.txt; echo "$step" > $step.txt; echo merged; exit 0
fi
chance=$(( $(od -An -N2 -tu2 /dev/urandom) % 100 ))
[ $chance -lt 97 ] && [ $chance -ge 3 ] && echo "$step" > $step.txt
[ $chance -lt 18 ] && [ $chance -ge 3 ] && echo "$step" > src/0/0.txt
[ $chance -lt 22 ] && [ $chance -ge 18 ] && kill -9 $$
[ $chance -ge 97 ] && exec sleep 1000
echo "$step is done")";

json task(int number) {
  json subtasks = json::array();
  const std::string id = "chaos-" + std::to_string(number);
  for (int n = 0; n < k_per_task; ++n)
    subtasks.push_back({{"subtask_id", id + "-" + std::to_string(n)}, {"title", "Step"}, {"assigned_to", "development"}});
  return {{"id", id}, {"title", "Chaos"}, {"execution_mode", "eager"}, {"subtasks", subtasks}};
}

struct Outcome {
  int completed = 0, lost = 0;
};

/// What the plan calls completed has to be in the task's branch.
void add(const Project& project, const json& plan, const std::string& id, Outcome& outcome) {
  const std::string files = "\n" + project.ask_git("ls-tree --name-only baton/" + id + "/integration");
  for (const json& subtask : plan["subtasks"]) {
    if (subtask["status"] != "completed") continue;
    ++outcome.completed;
    if (files.find("\n" + subtask["subtask_id"].get<std::string>() + ".txt\n") == std::string::npos) ++outcome.lost;
  }
}

bool is_settled(const json& plan) {
  const std::string status = plan.is_object() ? plan.value("status", "") : "";
  return status == "completed" || status == "blocked";
}

}  // namespace

Rows chaos(const Scale& scale) {
  const int tasks = scale.times(100, 4);
  Project project(1);
  Site& site = project.site();
  site.configure(
      R"({"breaker_failures": 0, "retry_backoff": "0s", "exit_grace": "200ms", "kill_grace": "1s", "max_subtasks": 50})");
  write_file(site.path("masters/development/master.json"), R"({"time_limit": "5s"})");
  site.start();
  const pid_t runner = spawn(site.command({"work", "--master", "development", "--jobs", "8", "--", "/bin/sh", "-c", k_agent}));
  const double begin = now_ms();
  for (int n = 0; n < tasks; ++n) put_file(site.path("task-queue.d"), "chaos-" + std::to_string(n) + ".json", task(n).dump());
  Outcome outcome;
  for (int n = 0; n < tasks; ++n) {
    const std::string id = "chaos-" + std::to_string(n);
    json plan;
    while (!is_settled(plan)) {
      if (now_ms() - begin > k_patience_ms) throw Failure(id + " never ends");
      let_pass(50);
      plan = json::parse(read_file(site.path("orchestrator/tasks/orch-" + id + ".json")), nullptr, false);
    }
    add(project, plan, id, outcome);
  }
  const double took = (now_ms() - begin) / 1'000;
  ::kill(runner, SIGTERM);
  wait_for(runner);
  const int all = tasks * k_per_task;
  const double share = 100.0 * outcome.completed / all;
  return {{"of " + std::to_string(all) + " steps done by erring agents", share, "%", std::nullopt, ">= 99 %", share >= 99},
          {"of these not in their branch", static_cast<double>(outcome.lost), "", std::nullopt, "0", outcome.lost == 0},
          {"time for them, 8 at once", took, "s", std::nullopt, "", std::nullopt}};
}

}  // namespace baton::bench
