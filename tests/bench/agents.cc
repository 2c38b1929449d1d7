// Agents in git worktrees: what side by side saves, what baton adds to it, and how long it takes to begin and to clean up. The
// agents wait, as agents wait for a model.
#include <signal.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bench/figure.h"
#include "bench/measure.h"
#include "bench/project.h"

namespace baton::bench {
namespace {

namespace fs = std::filesystem;

constexpr int k_patience_ms = 120'000;
constexpr double k_second_ms = 1'000;

std::string agent(double seconds) {
  return "sleep " + std::to_string(seconds) + "; basename $PWD > $(basename $PWD).txt; echo done";
}

/// ms that `baton run` takes for so many prompts.
double run(int prompts, int parallel, double seconds) {
  Project project(10);
  std::vector<std::string> words = {"run", "--max-parallel", std::to_string(parallel)};
  for (const std::string& name : project.prompts(prompts)) words.push_back(name);
  words.insert(words.end(), {"--", "/bin/sh", "-c", agent(seconds)});
  const double begin = now_ms();
  if (wait_for(spawn(project.site().command(words))) != 0) throw Failure("baton run failed");
  return now_ms() - begin;
}

/// The same agents, side by side by hand, each in a folder that is there already.
double by_hand(int prompts, int parallel, double seconds) {
  const Site site;
  std::string names;
  for (int n = 0; n < prompts; ++n) {
    fs::create_directories(site.folder() + "/by-hand-" + std::to_string(n));
    names += site.folder() + "/by-hand-" + std::to_string(n) + "\n";
  }
  write_file(site.folder() + "/names", names);
  const std::string script = "cd $0 && " + agent(seconds);
  const double begin = now_ms();
  if (wait_for(spawn({"xargs", "--arg-file", site.folder() + "/names", "-P", std::to_string(parallel), "-n", "1", "/bin/sh", "-c",
                      script})) != 0)
    throw Failure("xargs failed");
  return now_ms() - begin;
}

/// baton work over so many handoffs whose agents hang.
class Hanging {
 public:
  Hanging(Project& project, int jobs) : site_(project.site()), worktrees_(site_.path("worktrees")) {
    site_.configure(R"({"breaker_failures": 0, "exit_grace": "1h"})");
    site_.start();
    site_.fill(jobs, "hang");
    began_ = now_ms();
    pid_ = spawn(site_.command({"work", "--master", "development", "--jobs", std::to_string(jobs), "--", "/bin/sh", "-c",
                                "touch " + site_.folder() + "/at-work-$(basename $PWD); exec sleep 1000"}));
    for (const double give_up = now_ms() + k_patience_ms; begun() < jobs; let_pass(5))
      if (now_ms() > give_up) throw Failure("the agents do not begin");
    started_ = now_ms();
  }
  ~Hanging() { kill(); }

  double start_ms() const { return started_ - began_; }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    wait_for(std::exchange(pid_, 0));
  }

 private:
  int begun() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(site_.folder()))
      count += entry.path().filename().string().starts_with("at-work-") ? 1 : 0;
    return count;
  }
  Site& site_;
  std::string worktrees_;
  pid_t pid_ = 0;
  double began_ = 0, started_ = 0;
};

}  // namespace

Rows agents(const Scale& scale) {
  const double seconds = scale.short_run ? 0.2 : 2;
  const double sequential = run(8, 1, seconds), four = run(4, 4, seconds), eight = run(8, 8, seconds);
  const double half = sequential / 2;
  const int many = scale.times(24, 8);
  const double hand = by_hand(many, 8, seconds), ours = run(many, 8, seconds);
  return {
      {"4 agents of 2 s at once, one after the other", four, "ms", half, ">= 3.8 times as fast", half / four >= 3.8},
      {"8 agents of 2 s at once, one after the other", eight, "ms", sequential, ">= 7 times as fast", sequential / eight >= 7},
      {std::to_string(many) + " agents of 2 s, 8 at once, by hand", ours, "ms", hand, "<= 1.1x", ours <= 1.1 * hand}};
}

Rows worktrees(const Scale& scale) {
  const int files = scale.times(5'000, 100), many = scale.times(50, 5);
  Rows rows;
  {
    Project project(files);
    Hanging eight(project, 8);
    const double rss =
        static_cast<double>(status_number(eight.pid(), "VmRSS") + status_number(project.site().pid(), "VmRSS")) / 1'024;
    rows.push_back({"8 agents begin in " + std::to_string(files) + " files", eight.start_ms(), "ms", std::nullopt, "<= 5 s",
                    eight.start_ms() <= 5 * k_second_ms});
    rows.push_back({"runner and daemon with 8 agents", rss, "MB", std::nullopt, "<= 40 MB", rss <= 40});
    const double used = cpu_ms(eight.pid()) + cpu_ms(project.site().pid());
    const double span = scale.times(10, 1) * k_second_ms;
    let_pass(span);
    const double share = 100 * (cpu_ms(eight.pid()) + cpu_ms(project.site().pid()) - used) / span;
    rows.push_back({"watching 8 agents", share, "% CPU", std::nullopt, "<= 1 %", share <= 1});
  }
  Project project(files);
  Hanging crowd(project, many);
  crowd.kill();
  const double begin = now_ms();
  if (wait_for(spawn(project.site().command({"worktree", "prune"}))) != 0) throw Failure("baton worktree prune failed");
  const double took = now_ms() - begin;
  const std::string left = project.site().path("worktrees");
  if (!fs::is_empty(left)) throw Failure("worktrees are left in " + left);
  rows.push_back({"clean-up of " + std::to_string(many) + " worktrees after kill -9", took, "ms", std::nullopt, "<= 10 s",
                  took <= 10 * k_second_ms});
  return rows;
}

}  // namespace baton::bench
