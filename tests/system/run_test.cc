// `baton run` over the real program: prompt files in a real git repository, agents that are small shell scripts.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>

#include "platform/git.h"
#include "platform/temp_folder.h"
#include "system/sandbox.h"

using namespace baton::test;
namespace fs = std::filesystem;
namespace platform = baton::platform;

namespace {

constexpr int k_limit_ms = 180'000;

/// A repository without a coordination folder.
class Repository {
 public:
  Repository() {
    begin_repository(path(""));
    put("src/app.py", "import src.tools\nprint('app')\n");
    put("src/tools.py", "def tool(): pass\n");
    put("README.md", "one\ntwo\nthree\n");
    git({"add", "--all"});
    git({"commit", "--quiet", "-m", "First"});
  }
  ~Repository() {
    if (running_) running_->signal_group(SIGKILL);
  }

  std::string path(const std::string& name) const { return folder_ / name; }
  void put(const std::string& name, const std::string& text) const {
    folder_.folder(fs::path(name).parent_path());
    folder_.put(name, text);
  }
  std::string get(const std::string& name) const { return folder_.get(name); }

  std::string git(std::vector<std::string> words) const { return run_git(path(""), std::move(words)); }

  /// `baton ARGS...`, from the top of the repository.
  platform::Exit baton(const std::vector<std::string>& args, const std::string& input = {}) const {
    auto exit = platform::run_to_end(baton_request(args, input), k_limit_ms);
    REQUIRE(exit);
    return std::move(*exit);
  }
  /// baton run ARGS... -- sh -c SCRIPT
  platform::Exit run(std::vector<std::string> args, const std::string& script, const std::string& input = {}) const {
    return baton(run_words(std::move(args), script), input);
  }
  /// The same, which goes on by itself.
  platform::Process& start(std::vector<std::string> args, const std::string& script) {
    platform::SpawnRequest wanted = baton_request(run_words(std::move(args), script), "");
    wanted.sink = [this](std::string_view bytes) { printed_ += bytes; };
    auto process = platform::Process::spawn(wanted);
    REQUIRE(process);
    return running_.emplace(std::move(*process));
  }

  /// What start() has printed so far.
  const std::string& printed() const { return printed_; }

  /// A daemon over the folder that an earlier run has made.
  platform::Process start_daemon() const {
    auto daemon = platform::Process::spawn(baton_request({"--coordination", path(".baton/coordination"), "daemon"}, ""));
    REQUIRE(daemon);
    REQUIRE(Sandbox::eventually([&] { return baton({"status"}).output.find("running") != std::string::npos; }, 60));
    return std::move(*daemon);
  }

  /// Of the only run here.
  std::string task() const {
    std::string id;
    for (const auto& entry : fs::directory_iterator(path(".baton/coordination/orchestrator/tasks")))
      if (const std::string name = entry.path().stem(); name.starts_with("orch-")) id = name.substr(5);
    return id;
  }
  std::string merged(const std::string& file) const { return git({"show", "baton/" + task() + "/integration:" + file}); }

 private:
  platform::SpawnRequest request(const std::vector<std::string>& words) const {
    platform::SpawnRequest request;
    request.argv = words;
    request.cwd = path("");
    request.unset_environment = {"GIT_*", "BATON_*"};
    return request;
  }
  platform::SpawnRequest baton_request(std::vector<std::string> args, const std::string& input) const {
    args.insert(args.begin(), BATON_PROGRAM);
    platform::SpawnRequest wanted = request(args);
    wanted.input = input;
    return wanted;
  }
  static std::vector<std::string> run_words(std::vector<std::string> args, const std::string& script) {
    args.insert(args.begin(), "run");
    args.insert(args.end(), {"--", "/bin/sh", "-c", script});
    return args;
  }

  TempFolder folder_;
  std::string printed_;
  std::optional<platform::Process> running_;
};

// The last part of an agent's working folder is <name>-a<attempt>, perhaps with the run's id before it.
const std::string k_own_file = "f=$(basename $PWD); f=${f%-a*}; echo \"work of $f\" > $f.txt; echo made $f.txt";

bool has(const platform::Exit& exit, const std::string& text) {
  return exit.output.find(text) != std::string::npos || exit.error_output.find(text) != std::string::npos;
}
std::string all(const platform::Exit& exit) { return exit.output + exit.error_output; }

}  // namespace

TEST_CASE("two prompts and nothing else: one branch with the work of both, a report, and nothing left lying about") {
  const Repository box;
  box.put("a.md", "# Make a.txt\n\nWrite a.txt.\n");
  box.put("b.md", "# Make b.txt\n\nWrite b.txt.\n");
  const auto exit = box.run({"a.md", "b.md"}, k_own_file);
  REQUIRE_MESSAGE(exit.code == 0, all(exit));
  CHECK(has(exit, "2 of 2 prompts done"));
  CHECK_FALSE(has(exit, "do not see"));  // the prompts themselves go without saying
  CHECK(box.merged("a.txt") == "work of a");
  CHECK(box.merged("b.txt") == "work of b");
  CHECK(box.git({"worktree", "list"}).find('\n') == std::string::npos);
  CHECK(box.git({"status", "--porcelain"}) == "?? a.md\n?? b.md");
  CHECK(has(box.baton({"list", "--all"}), box.task()));
  const auto report = box.baton({"report", box.task()});
  CHECK(has(report, "baton/" + box.task() + "/integration: the work that counts; it began at main"));
  CHECK(box.baton({"pause"}).code == 4);  // its daemon has ended with it
}

TEST_CASE("the words of the seed on standard input, and an envelope that says all") {
  const Repository box;
  box.put("prompts/a.md", "# A\n");
  box.put("b.md", "# B\n\nStatus: COMPLETED\n");
  const auto exit = box.run({"--json"}, k_own_file,
                            "/agent:OrchestratorAgent\n\nExecute these specific prompts in parallel:\n- a.md\n- b.md\n");
  REQUIRE_MESSAGE(exit.code == 0, all(exit));
  const json data = json::parse(exit.output)["data"];
  CHECK(data["status"] == "completed");
  CHECK(data["prompts"].size() == 1);
  CHECK(data["prompts"][0]["name"] == "a");
  CHECK(data["prompts"][0]["attempts"] == 1);
  CHECK(data["branch"] == "baton/" + box.task() + "/integration");
  CHECK(has(exit, "b.md is marked COMPLETED: left out"));
}

TEST_CASE("what fails for good is left out with what needs it; the others are done, and the exit code says so") {
  const Repository box;
  box.put("bad.md", "# Bad\n\nCreate src/base.py.\n");
  box.put("needs.md", "# Needs it\n\nDepends on bad.md. Create src/more.py.\n");
  box.put("good.md", "# Good\n");
  CHECK(box.run({"good.md"}, "true").code == 1);  // done with nothing done
  box.put(".baton/coordination/orchestrator/config.json", R"({"workspace": "../..", "max_attempts": 1})");
  const auto exit = box.run({"bad.md", "needs.md", "good.md"},
                            "case $PWD in *bad-a*) echo no way; exit 3;; *needs-a*) touch began;; esac; " + k_own_file);
  CHECK_MESSAGE(exit.code == 1, all(exit));
  CHECK(has(exit, "1 of 3 prompts done"));
  CHECK(has(exit, "no way"));
  CHECK(has(exit, "which failed"));
  CHECK(box.git({"for-each-ref", "--format=%(refname)", "refs/heads/baton"}).find("integration") != std::string::npos);
}

TEST_CASE("prompts that change the same file are kept apart, and only told about with --conflict-check") {
  const Repository box;
  box.put("one.md", "# One\n\nChange `src/app.py`.\n");
  box.put("two.md", "# Two\n\nChange `src/app.py` and src/tools.py.\n");
  const auto check = box.baton({"run", "one.md", "two.md", "--conflict-check"});
  CHECK(check.code == 1);
  CHECK_FALSE(fs::exists(box.path(".baton")));
  CHECK(has(check, "conflict: one.md and two.md both change src/app.py"));
  CHECK(box.git({"for-each-ref", "refs/heads/baton"}).empty());
  // Each appends a line of its own: at once they would conflict.
  const auto exit = box.run({"one.md", "two.md"}, "basename $PWD >> src/app.py; echo done");
  REQUIRE_MESSAGE(exit.code == 0, all(exit));
  CHECK(has(exit, "conflicts avoided: 1"));
  CHECK(box.merged("src/app.py").find("one-a1") != std::string::npos);
  CHECK(box.merged("src/app.py").find("two-a1") != std::string::npos);
}

TEST_CASE("an interrupt ends the agents and keeps their work; --resume does the rest") {
  Repository box;
  box.put("a.md", "# A\n");
  box.put("b.md", "# B\n");
  const std::string hang = "f=$(basename $PWD); echo half > ${f%-a*}.half; touch " + box.path("began-") + "$$; exec sleep 1000";
  auto& running = box.start({"a.md", "b.md"}, hang);
  const auto begun = [&] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(box.path("")))
      count += entry.path().filename().string().starts_with("began-");
    return count == 2;
  };
  std::optional<platform::Exit> exit;
  REQUIRE(Sandbox::eventually([&] { return (exit = running.pump()).has_value() || begun(); }, 60));
  REQUIRE(!exit);
  running.signal_group(SIGINT);
  REQUIRE(Sandbox::eventually([&] { return (exit = running.pump()).has_value(); }, 60));
  CHECK(exit->code == 130);
  CHECK(has(*exit, "to go on: baton run --resume"));
  CHECK(box.git({"for-each-ref", "--format=%(refname)", "refs/baton/rescue"}).find("refs/baton/rescue/") == 0);
  const std::string task = box.task();
  const auto anew = box.run({"a.md"}, k_own_file);
  CHECK(anew.code == 5);
  CHECK(has(anew, task + " has not ended, and nobody is at work on it"));
  CHECK(box.run({"--resume", "--conflict-check"}, k_own_file).code == 2);
  CHECK(box.run({"--resume", "a.md", "b.md"}, k_own_file).code == 2);
  const auto other = box.run({"--resume", "run-x"}, k_own_file);
  CHECK(other.code == 3);
  CHECK(has(other, "unfinished are: " + task));
  const auto rest = box.run({"--resume", task}, k_own_file);
  CHECK_MESSAGE(rest.code == 0, all(rest));
  CHECK_FALSE(has(rest, "do not see"));
  CHECK(box.task() == task);
  CHECK(box.merged("a.txt") == "work of a");
  CHECK(box.merged("b.txt") == "work of b");
  CHECK(box.run({"--resume"}, k_own_file).code == 3);
}

TEST_CASE("a daemon that was somebody else's ends in the middle of a run: the run goes on with one of its own") {
  Repository box;
  box.put("a.md", "# A\n");
  box.put("b.md", "# B\n");
  REQUIRE(box.run({"a.md"}, k_own_file).code == 0);
  platform::Process daemon = box.start_daemon();
  auto& running = box.start(
      {"b.md"}, "touch " + box.path("began") + "; while ! test -e " + box.path("go") + "; do sleep 0.1; done; " + k_own_file);
  std::optional<platform::Exit> exit;
  REQUIRE(Sandbox::eventually([&] { return (exit = running.pump()).has_value() || fs::exists(box.path("began")); }, 60));
  REQUIRE(!exit);
  daemon.signal_group(SIGTERM);
  REQUIRE(Sandbox::eventually([&] { return daemon.pump().has_value(); }, 60));
  box.put("go", "");
  REQUIRE(Sandbox::eventually([&] { return (exit = running.pump()).has_value(); }, 90));
  CHECK_MESSAGE(exit->code == 0, all(*exit));
  CHECK(has(*exit, "1 of 1 prompt done"));
}

TEST_CASE("work that cannot be integrated as asked is told, and the exit code says so") {
  const Repository box;
  box.put("a.md", "# A\n");
  box.put("README.md", "one\nmine, not committed\nthree\n");
  const auto exit = box.run({"a.md", "--json", "--integrate", "merge"}, "echo changed > README.md; echo done");
  CHECK(exit.code == 1);
  const json data = json::parse(exit.output)["data"];
  CHECK(data["completed"] == 1);
  CHECK(data["integrated"].get<std::string>().find("is not integrated: the files of ") != std::string::npos);
  CHECK(box.get("README.md") == "one\nmine, not committed\nthree\n");
}

TEST_CASE("an agent that always fails: why nobody is at work is said, and --fresh leaves what is unfinished") {
  Repository box;
  for (const char* name : {"a.md", "b.md", "c.md", "d.md", "e.md", "f.md"}) box.put(name, "# Do it\n");
  REQUIRE(box.run({"a.md"}, k_own_file).code == 0);
  box.put(".baton/coordination/orchestrator/config.json", R"({"workspace": "../..", "breaker_reset": "5s"})");
  auto& running = box.start({"a.md", "b.md", "c.md", "d.md", "e.md", "f.md", "-j", "6"}, "exit 1");
  std::optional<platform::Exit> exit;
  const auto told = [&] {
    exit = running.pump();
    return exit.has_value() || box.printed().find("nobody is at work: ") != std::string::npos;
  };
  REQUIRE(Sandbox::eventually(told, 90));
  REQUIRE(!exit);
  running.signal_group(SIGINT);
  REQUIRE(Sandbox::eventually([&] { return (exit = running.pump()).has_value(); }, 60));
  const auto fresh = box.run({"a.md", "--fresh"}, k_own_file);
  CHECK_MESSAGE(fresh.code == 0, all(fresh));
}

TEST_CASE("past its time a run ends, and says how to go on") {
  const Repository box;
  box.put("a.md", "# A\n");
  const auto exit = box.run({"a.md", "--timeout", "1s"}, "exec sleep 1000");
  CHECK(exit.code == 124);
  CHECK(has(exit, "to go on: baton run --resume"));
}

TEST_CASE("what is wrong is said before anything is made or started") {
  const Repository box;
  box.put("empty.md", "");
  box.put("a.md", "# A\n");
  const auto none = box.baton({"run"});
  CHECK(none.code == 2);
  CHECK(has(none, "no prompt files are named"));
  CHECK(box.run({"no.md"}, "true").code == 3);
  CHECK(box.run({"empty.md", "a.md"}, "true").code == 8);
  CHECK_FALSE(fs::exists(box.path(".baton")));
  const auto base = box.run({"a.md", "--base", "nowhere"}, "true");
  CHECK(base.code == 3);
  CHECK(has(base, "there is no commit, branch or tag \"nowhere\""));
  const auto program = box.baton({"run", "a.md", "--", "no-such-agent"});
  CHECK(program.code == 3);
  const auto agent = box.baton({"run", "a.md"});
  CHECK(agent.code == 2);
  CHECK(has(agent, "no agent is set"));
  CHECK(box.git({"for-each-ref", "refs/heads/baton"}).empty());
}

TEST_CASE("what agents do not see is said: what is changed and not committed, and what git does not know") {
  const Repository box;
  box.put("a.md", "# A\n");
  box.put("README.md", "one\ntwo\nmine\n");
  box.put("notes/today.txt", "mine\n");
  box.put("prompts/b.md", "# B\n");
  box.put("prompts/c.md", "# C\n");
  const auto exit = box.run({"a.md", "prompts/b.md"}, k_own_file);
  REQUIRE_MESSAGE(exit.code == 0, all(exit));
  CHECK(has(exit, "not committed: README.md\n"));
  CHECK(has(exit, "agents do not see what git does not know: notes/, prompts/c.md\n"));
}

TEST_CASE("without a repository agents work in the workspace itself, when their master says so") {
  const TempFolder folder;
  folder.folder("src");
  folder.put("src/app.py", "import tools\n");
  folder.put("src/tools.py", "\n");
  folder.put("a.md", "# A\n\nChange src/tools.py.\n");
  folder.put("b.md", "# B\n\nChange src/app.py.\n");
  const auto baton = [&folder](std::vector<std::string> words) {
    platform::SpawnRequest request;
    request.argv = std::move(words);
    request.argv.insert(request.argv.begin(), BATON_PROGRAM);
    request.cwd = folder.path();
    request.unset_environment = {"GIT_*", "BATON_*"};
    auto exit = platform::run_to_end(request, k_limit_ms);
    REQUIRE(exit);
    return std::move(*exit);
  };
  const std::vector<std::string> words = {"run", "a.md", "b.md", "--", "/bin/sh", "-c", "ls >> seen; echo done"};
  REQUIRE(baton({"init"}).code == 0);
  const auto refused = baton(words);
  CHECK(refused.code == 3);
  CHECK(has(refused, "is not in a git repository"));
  folder.folder("coordination/masters/run");
  folder.put("coordination/masters/run/master.json", R"({"worktree": false})");
  CHECK(baton({"run", "a.md", "--base", "main", "--", "true"}).code == 5);
  const auto exit = baton(words);
  CHECK_MESSAGE(exit.code == 0, all(exit));
  CHECK(has(exit, "2 of 2 prompts done"));
  CHECK(has(exit, "src/app.py imports src/tools.py"));
  CHECK(folder.get("seen").find("coordination") != std::string::npos);
}

TEST_CASE("outside of a repository it says what is missing") {
  const TempFolder folder;
  folder.put("a.md", "# A\n");
  platform::SpawnRequest request;
  request.argv = {BATON_PROGRAM, "run", "a.md", "--", "true"};
  request.cwd = folder.path();
  request.unset_environment = {"GIT_*", "BATON_*"};
  const auto exit = platform::run_to_end(request, k_limit_ms);
  REQUIRE(exit);
  CHECK(exit->code == 5);
  CHECK(exit->error_output.find("no git repository") != std::string::npos);
  CHECK_FALSE(folder.has(".baton"));
}

TEST_CASE("the work begins at the base and goes back into it when that is wanted") {
  const Repository box;
  box.git({"branch", "release"});
  box.put("later.txt", "later\n");
  box.git({"add", "later.txt"});
  box.git({"commit", "--quiet", "-m", "Later"});
  box.put("a.md", "# A\n");
  const auto exit =
      box.run({"a.md", "--base", "release", "--integrate", "merge"}, "test ! -e later.txt || exit 1; " + k_own_file);
  REQUIRE_MESSAGE(exit.code == 0, all(exit));
  CHECK(box.git({"show", "release:a.txt"}) == "work of a");
  CHECK_FALSE(fs::exists(box.path("a.txt")));
  box.put("b.md", "# B\n");
  const auto main = box.run({"b.md", "--integrate", "fast_forward"}, k_own_file);
  REQUIRE_MESSAGE(main.code == 0, all(main));
  CHECK(box.get("b.txt") == "work of b\n");
  CHECK(box.baton({"run", "a.md", "--integrate", "somehow", "--", "true"}).code == 2);
}

TEST_CASE("a pull request: the branch is pushed to the remote, and gh opens it once") {
  const Repository box;
  const TempFolder remote;
  box.git({"init", "--quiet", "--bare", remote.path()});
  box.git({"remote", "add", "origin", remote.path()});
  box.put("a.md", "# A\n");
  // A stand-in that writes down what it is asked.
  const TempFolder bin;
  bin.put("gh", "#!/bin/sh\nif [ \"$2\" = list ]; then exit 0; fi\necho \"$@\" > " + bin.path() + "/asked\ncat > " + bin.path() +
                    "/body\necho https://example.org/pull/1\n");
  fs::permissions(bin / "gh", fs::perms::owner_all);
  platform::SpawnRequest request;
  request.argv = {BATON_PROGRAM, "run", "a.md", "--integrate", "pull_request", "--", "/bin/sh", "-c", k_own_file};
  request.cwd = box.path("");
  request.unset_environment = {"GIT_*", "BATON_*"};
  request.environment = {"PATH=" + bin.path() + ":/usr/local/bin:/usr/bin:/bin"};
  const auto exit = platform::run_to_end(request, k_limit_ms);
  REQUIRE(exit);
  REQUIRE_MESSAGE(exit->code == 0, all(*exit));
  CHECK(has(*exit, "pull request https://example.org/pull/1"));
  const std::string branch = "baton/" + box.task() + "/integration";
  CHECK(box.git({"--git-dir", remote.path(), "show", branch + ":a.txt"}) == "work of a");
  CHECK(bin.get("asked").find("pr create --head " + branch + " --base main --title") == 0);
  CHECK(bin.get("body").find("Prompt a") != std::string::npos);
}
