// What worktrees have to bear: submodules, a full disk, agents that print without end.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "platform/process_table.h"
#include "rounds.h"
#include "system/project.h"
#include "system/small_disk.h"

using namespace baton::test;
namespace fs = std::filesystem;

namespace {

void add_library(Project& box) {
  const std::string project = box.path("..");
  box.git({"clone", "--quiet", "--bare", project, project + "/library.git"});
  box.git({"-c", "protocol.file.allow=always", "submodule", "add", "--quiet", project + "/library.git", "lib"});
  box.git({"commit", "--quiet", "-m", "A library"});
}
const std::string k_fill = "git -c protocol.file.allow=always submodule --quiet update --init; ";

}  // namespace

TEST_CASE("an agent that takes more memory than it may is ended, and told as that; one that takes less is not") {
  Project box;
  box.configure({{"max_attempts", 1}});
  box.put("masters/development/master.json", R"({"memory_limit": "64MiB"})");
  box.start();
  box.drop_one("small");
  CHECK(box.work("sleep 3; " + k_own_file).code == 0);
  box.require_status("small", "completed");
  box.drop_one("large");
  // The one that has it is a grandchild in a session of its own.
  const auto exit = box.work("echo half > half.txt; setsid python3 -c 'x = bytearray(200 << 20); import time; time.sleep(1000)'");
  CHECK(exit.code == 0);
  box.require_status("large", "blocked");
  const json failed = box.feed("subtask_failed").at(0);
  const std::string error = failed["error"];
  CHECK_MESSAGE(error.find("its processes had 2") == 0, error);
  CHECK(error.find(" MiB of memory") == std::string("its processes had 200").size());
  CHECK(failed.dump().find("more than the memory_limit of 64 MiB in masters/development/master.json") != std::string::npos);
  CHECK(box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue/large"}).find("refs/baton/rescue/large/") == 0);
}

TEST_CASE("memory that an agent's processes share counts once; what setup starts as a service is there for the agent, and goes") {
  Project box;
  const std::string serve =
      "setsid sleep 1000 <&- >&- 2>&- & echo $! > ../../service; "
      "until [ \"$(cut -d ' ' -f 6 /proc/$!/stat)\" = $! ]; do sleep 0.01; done";
  box.put("masters/development/master.json", json{{"memory_limit", "160MiB"}, {"setup", {{"sh", "-c", serve}}}}.dump());
  box.start();
  box.drop_one("t");
  const auto exit = box.work(
      "kill -0 $(cat ../../service) || exit 1; python3 -c 'import os, time; x = bytearray(100 << 20)\n"
      "for n in range(3):\n  if os.fork() == 0: time.sleep(6); os._exit(0)\ntime.sleep(6)'; " +
      k_own_file);
  CHECK(exit.code == 0);
  box.require_status("t", "completed");
  const int service = std::stoi(box.read("service"));
  box.require_eventually("the service has ended", [&] { return !baton::platform::read_process(service).has_value(); });
}

TEST_CASE("who reads the branch while a merge is taken back does not begin with what was taken back") {
  Project box;
  const std::string check = "while ! test -f ../../go; do sleep 0.05; done; exit 1";
  box.configure({{"retry_backoff", "0s"},
                 {"max_attempts", 1},
                 {"checkpoints", {{"late", {{"commands", json::array({json::array({"/bin/sh", "-c", check})})}}}}}});
  box.start();
  box.drop(
      "t.json",
      {{"id", "t"},
       {"title", "Two files"},
       {"subtasks", json::array({{{"subtask_id", "t-a"}, {"title", "A"}, {"assigned_to", "development"}, {"checkpoint", "late"}},
                                 {{"subtask_id", "t-b"}, {"title", "B"}, {"assigned_to", "development"}}})}});
  box.require_handoff("development", "t-a");
  box.require_handoff("development", "t-b");
  auto first = box.start_runner(k_own_file);
  box.require_feed("checkpoint_started");
  CHECK(box.merged("t", "t-a-a1.txt") == "work of t-a-a1");
  // A git that keeps back what it says of the branch, once, until it is allowed to say it.
  fs::create_directory(box.path("bin"));
  box.put("bin/git",
          "#!/bin/sh\nPATH=${PATH#*:}\ncase \"$*\" in *'rev-parse --verify --quiet refs/heads/baton/t/integration'*)\n"
          "  if mkdir " +
              box.path("read") + " 2>/dev/null; then\n    git \"$@\" > " + box.path("read/said") + "; code=$?; touch " +
              box.path("read/done") + "\n    until test -e " + box.path("say") + "; do sleep 0.05; done; cat " +
              box.path("read/said") + "; exit $code\n  fi;;\nesac\nexec git \"$@\"\n");
  fs::permissions(box.path("bin/git"), fs::perms::owner_all);
  auto second = box.start_runner(k_own_file, {"--once"}, {"PATH=" + box.path("bin") + ":/usr/local/bin:/usr/bin:/bin"});
  box.require_eventually("it has read the branch", [&] { return box.exists("read/done"); });
  box.put_plainly("go", "");
  box.require_feed("checkpoint_failed");
  box.require_eventually("the merge is taken back", [&] {
    const std::vector<std::string> names = box.list("agents");
    return std::ranges::none_of(names, [](const std::string& name) { return name.ends_with(".merge"); });
  });
  box.put_plainly("say", "");
  CHECK(box.require_end(second).code == 0);
  first.signal_group(SIGTERM);
  box.require_end(first);
  CHECK(box.merged("t", "t-b-a1.txt") == "work of t-b-a1");
  CHECK(box.git({"ls-tree", "--name-only", "baton/t/integration"}).find("t-a-a1.txt") == std::string::npos);
}

TEST_CASE("what an agent writes into a submodule no commit can hold: it is told, and left where it is") {
  Project box;
  add_library(box);
  box.configure({{"max_attempts", 1}});
  box.start();
  box.drop_one("t");
  std::string before, file = "lib/w.txt";
  SUBCASE("that was not checked out") {}
  SUBCASE("that was not, and its list is deleted") { before = "rm .gitmodules; "; }
  SUBCASE("that was not, and its list is deleted by a commit") {
    before = "git rm --quiet .gitmodules; git commit --quiet -m x; ";
  }
  SUBCASE("that was") {
    before = k_fill;
    file = "lib/README.md";
  }
  const auto ended = box.work(before + "echo mine > " + file + "; echo done");
  box.require_status("t", "blocked");
  const std::string error = box.feed("subtask_failed")[0]["error"];
  CHECK_MESSAGE(error.find("lib is a submodule") != std::string::npos, error, ended.output);
  CHECK(box.read("worktrees/t-a1/" + file) == "mine\n");
}

TEST_CASE("beside a submodule work is done as everywhere") {
  Project box;
  add_library(box);
  box.start();
  box.drop_two("t");
  REQUIRE(box.work(k_fill + k_own_file).code == 0);
  box.require_status("t", "completed");
  CHECK(box.merged("t", "t-a-a1.txt") == "work of t-a-a1");
  CHECK(box.list("worktrees").empty());
}

TEST_CASE("no space for the files of a worktree: it is told, nothing is left, and with space it is done at no attempt") {
  Project box;
  box.put("../big.txt", std::string(4 << 20, 'x'));
  box.git({"add", "big.txt"});
  box.git({"commit", "--quiet", "-m", "Big"});
  box.start();
  box.drop_one("t");
  {
    const SmallDisk disk("size=1m", box.path("worktrees"));
    if (!disk.mounted()) return;
    auto runner = box.start_runner(k_own_file);
    box.require_eventually("it is given back", [&] {
      const auto entries = box.feed("subtask_handed_off");
      return std::ranges::any_of(entries, [](const json& entry) { return entry.contains("reason"); });
    });
    REQUIRE(::kill(runner.pid(), SIGINT) == 0);
    const auto ended = box.require_end(runner);
    CHECK_MESSAGE(ended.output.find("no space in " + box.path("worktrees/t-a1")) != std::string::npos, ended.output);
    const auto left = box.list("worktrees");
    CHECK_MESSAGE(left.empty(), left.front(), ended.output);
    // Nobody wants to wait for the end of --once for ever.
    const auto once = box.work(k_own_file);
    CHECK_MESSAGE(once.code == 6, once.output, once.error_output);
    CHECK(once.error_output.find("t was given back: no space in ") != std::string::npos);
  }
  REQUIRE(box.work(k_own_file).code == 0);
  box.require_status("t", "completed");
  CHECK(box.feed("subtask_failed").empty());
  CHECK(box.document("orchestrator/reports/t.json")["subtasks"][0]["attempts"] == 1);
}

TEST_CASE("an agent that prints without end fills no disk") {
  Project box;
  box.start();
  box.drop_one("t");
  const std::string amount = std::to_string(rounds(24, 1024)) + "M";
  std::string source;
  SUBCASE("in one line") { source = "tr '\\0' x </dev/zero"; }
  SUBCASE("in many") { source = "yes the work goes on and nothing worth telling has happened since"; }
  REQUIRE(box.work(source + " | head -c " + amount + "; " + k_own_file).code == 0);
  box.require_status("t", "completed");
  CHECK(box.merged("t", "t-a1.txt") == "work of t-a1");
  std::uintmax_t kept = 0;
  for (const auto& entry : fs::recursive_directory_iterator(box.path("")))
    if (entry.is_regular_file() && entry.path().filename().string().find(".log") != std::string::npos) kept += entry.file_size();
  CHECK(kept > 0);
  CHECK(kept < 20 << 20);  // two files of 8 MiB and what was read at once
}
