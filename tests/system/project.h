// A coordination folder in a real git repository, and `baton work` over it with agents that are small shell scripts.
#pragma once

#include <doctest/doctest.h>

#include "platform/git.h"
#include "system/sandbox.h"

namespace baton::test {

// What an agent knows of its place: the last part of its working folder is <subtask>-a<attempt>.
inline const std::string k_own_file = "f=$(basename $PWD); echo \"work of $f\" > $f.txt; echo made $f.txt";

class Project : public Sandbox {
 public:
  Project() {
    begin_repository(path(".."));
    put("../README.md", "one\ntwo\nthree\n");
    git({"add", "README.md"});
    git({"commit", "--quiet", "-m", "First"});
    configure({{"retry_backoff", "0s"}});
  }

  /// The simple task `id`.
  void drop_one(const std::string& id) {
    drop(id + ".json", {{"id", id}, {"title", "Say hello"}, {"assigned_to", "development"}});
    require_handoff("development", id);
  }
  /// The task `id` with the subtasks `id`-a and `id`-b.
  void drop_two(const std::string& id) {
    json subtasks = json::array();
    for (const char* name : {"a", "b"})
      subtasks.push_back(
          {{"subtask_id", id + "-" + name}, {"title", std::string("File ") + name}, {"assigned_to", "development"}});
    drop(id + ".json", {{"id", id}, {"title", "Two files"}, {"subtasks", subtasks}});
    require_handoff("development", id + "-a");
    require_handoff("development", id + "-b");
  }

  std::string git(std::vector<std::string> words) const { return run_git(path(".."), std::move(words)); }
  std::string merged(const std::string& task, const std::string& file) const {
    return git({"show", "baton/" + task + "/integration:" + file});
  }

  /// A runner that goes on by itself, with the agent that is this script.
  baton::platform::Process start_runner(const std::string& script, const std::vector<std::string>& options = {},
                                        const std::vector<std::string>& environment = {}) const {
    baton::platform::SpawnRequest request;
    request.argv = {BATON_PROGRAM, "--coordination", path(""), "work", "--master", "development"};
    request.argv.insert(request.argv.end(), options.begin(), options.end());
    for (const std::string& word : {std::string("--"), std::string("/bin/sh"), std::string("-c"), script})
      request.argv.push_back(word);
    request.cwd = path("..");
    request.environment = environment;
    auto runner = baton::platform::Process::spawn(request);
    REQUIRE(runner);
    return std::move(*runner);
  }
  baton::platform::Exit require_end(baton::platform::Process& runner) {
    std::optional<baton::platform::Exit> exit;
    require_eventually(
        "the runner has ended", [&] { return (exit = runner.pump()).has_value(); }, 120);
    return *exit;
  }

  /// Does what waits, and what that makes ready, with the agent that is this script.
  baton::platform::Exit work(const std::string& script, const std::string& master = "development", int jobs = 2) {
    return run({"work", "--master", master, "--jobs", std::to_string(jobs), "--once", "--", "/bin/sh", "-c", script});
  }
  void work_until(const std::string& script, const std::function<bool()>& condition) {
    baton::platform::Exit last;
    require_eventually(
        "the work is done",
        [&] {
          if (condition()) return true;
          last = work(script);
          return condition();
        },
        90);
  }
};

}  // namespace baton::test
