// The command line as people and scripts use it on the real daemon: what a verb did is there when it returns, `watch` on a
// terminal, `events -f` until a signal, and the worker loop of the README.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "system/sandbox.h"

using namespace baton;
using baton::test::Sandbox;

namespace {

namespace fs = std::filesystem;

/// A program on a terminal of its own.
class Terminal {
 public:
  Terminal(std::vector<std::string> argv, unsigned short rows, unsigned short columns, const std::vector<std::string>& extra = {})
      : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    REQUIRE(master_ >= 0);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    winsize size{rows, columns, 0, 0};
    REQUIRE(::ioctl(master_, TIOCSWINSZ, &size) == 0);
    const std::string slave = ::ptsname(master_);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&actions, fd, slave.c_str(), O_RDWR | O_NOCTTY, 0);
    std::vector<std::string> environment{"TERM=xterm", "PATH=/usr/bin:/bin"};
    environment.insert(environment.end(), extra.begin(), extra.end());
    const int error =
        ::posix_spawn(&pid_, argv.front().c_str(), &actions, nullptr, pointers(argv).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(error == 0);
  }
  ~Terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// All that was printed so far.
  const std::string& text() {
    char bytes[4096];
    for (ssize_t got = ::read(master_, bytes, sizeof bytes); got > 0; got = ::read(master_, bytes, sizeof bytes))
      text_.append(bytes, static_cast<std::size_t>(got));
    return text_;
  }
  bool shows(const std::string& part) {
    return Sandbox::eventually([&] { return text().find(part) != std::string::npos; });
  }
  /// The exit code after a signal.
  int end(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    REQUIRE(Sandbox::eventually([&] {
      static_cast<void>(text());  // a full terminal would hold it up
      return ::waitpid(pid_, &status, WNOHANG) == pid_;
    }));
    pid_ = 0;
    static_cast<void>(text());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& each : texts) all.push_back(each.data());
    all.push_back(nullptr);
    return all;
  }
  int master_;
  pid_t pid_ = 0;
  std::string text_;
};

/// The last picture without colours and cursor movements, as lines.
std::vector<std::string> last_frame(const std::string& text) {
  const auto begin = text.rfind("\x1b[J");
  std::string plain;
  for (std::size_t at = begin == std::string::npos ? 0 : begin; at < text.size(); ++at) {
    if (text[at] != '\x1b') {
      if (text[at] != '\r') plain += text[at];
      continue;
    }
    while (at + 1 < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) == 0) ++at;
  }
  std::vector<std::string> lines;
  std::istringstream stream(plain);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::size_t line_with(const std::vector<std::string>& lines, const std::string& begin) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(begin); });
  return static_cast<std::size_t>(found - lines.begin());
}

std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::vector<std::string> command(const Sandbox& box, std::vector<std::string> words) {
  words.insert(words.begin(), {BATON_PROGRAM, "--coordination", box.root()});
  return words;
}

/// The shell script of the README's section about agents.
std::string worker_script() {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/README.md");
  const std::string readme = (std::ostringstream() << file.rdbuf()).str();
  const auto begin = readme.find("#!/bin/sh");
  REQUIRE(begin != std::string::npos);
  return readme.substr(begin, readme.find("```", begin) - begin);
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path);
  return (std::ostringstream() << file.rdbuf()).str();
}

/// Gone, or a zombie that nobody has reaped.
bool has_ended(const std::string& pid) {
  const std::string stat = bytes_of("/proc/" + pid + "/stat");
  return stat.empty() || stat.find(") Z ") != std::string::npos;
}

/// Processes whose environment and command line hold these.
std::vector<std::string> processes(const std::string& environment, const std::string& word) {
  std::vector<std::string> pids;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") == std::string::npos &&
        bytes_of(entry.path() / "environ").find(environment) != std::string::npos &&
        bytes_of(entry.path() / "cmdline").find(word) != std::string::npos)
      pids.push_back(pid);
  }
  return pids;
}

bool is_watching(const std::string& pid) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/" + pid + "/fd", ignored))
    if (fs::read_symlink(entry.path(), ignored).string().find("inotify") != std::string::npos) return true;
  return false;
}

const std::string k_handoff = "masters/development/handoffs/to-development-subtask-t.json";

/// A shell that runs `script`, in which $claim waits for a handoff of development and says into $err when it begins.
class Shell {
 public:
  explicit Shell(Sandbox& box, const std::string& script)
      : err_(fs::path(box.root()).parent_path() / "err"),
        terminal(
            {"/bin/sh", "-c", script}, 24, 200,
            {"err=" + err_.string(), "claim=" BATON_PROGRAM " --coordination " + box.root() + " claim --master development"}) {}
  void require_waiting() {
    REQUIRE(Sandbox::eventually([&] { return bytes_of(err_).find("no daemon is running") != std::string::npos; }));
  }
  std::string err() const { return bytes_of(err_); }

 private:
  fs::path err_;

 public:
  Terminal terminal;
};

void write_program(const std::string& path, const std::string& bytes) {
  std::ofstream(path) << bytes;
  fs::permissions(path, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("what a verb did is there when it returns") {
  Sandbox box;
  box.start();
  for (int i = 0; i < 8; ++i) {
    const std::string id = "own-" + std::to_string(i);
    REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", id}).code == 0);
    CHECK(box.run({"list"}).output.find(id) != std::string::npos);
    CHECK(box.run({"status", id}).output.find("handed out, waits for development") != std::string::npos);
    REQUIRE(box.run({"claim", "--master", "development"}).code == 0);
    CHECK(box.run({"show", id}).output.find("development at work") != std::string::npos);
    REQUIRE(box.run({"complete", id, "--summary", "done"}).code == 0);
    CHECK(box.status(id) == "completed");
    CHECK(box.run({"report", id}).code == 0);
  }
  for (int i = 0; i < 5; ++i) {
    const std::string id = "gone-" + std::to_string(i);
    REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", id}).code == 0);
    REQUIRE(box.run({"pause", id}).code == 0);
    CHECK(box.plan(id).value("paused", false));
    REQUIRE(box.run({"cancel", id}).code == 0);
    CHECK(box.run({"status", id}).code == 1);
    CHECK(box.run({"report", id}).code == 0);
  }
}

TEST_CASE("what was archived is still told") {
  Sandbox box;
  box.start();
  REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", "typo"}).code == 0);
  REQUIRE(box.run({"cancel", "typo"}).code == 0);
  REQUIRE(box.run({"archive", "--older-than", "0s"}).code == 0);
  REQUIRE(box.list("orchestrator/reports").empty());
  CHECK(box.run({"report", "typo"}).code == 0);
  CHECK(box.run({"wait", "typo"}).code == 1);
  CHECK(box.run({"show", "typo"}).output.find("[cancelled]") != std::string::npos);
}

TEST_CASE("watch on a terminal of 80 columns") {
  Sandbox box;
  box.start();
  for (int i = 1; i <= 30; ++i)
    box.drop("many" + std::to_string(i) + ".json",
             test::json{{"title", "Fix the bug number " + std::to_string(i) + " that nobody can explain in src/file" +
                                      std::to_string(i) + ".js"}});
  box.require_eventually("all are handed out", [&] { return box.feed("subtask_handed_off").size() == 30; });
  Terminal watch(command(box, {"watch"}), 24, 80);
  REQUIRE(watch.shows("30 tasks active"));
  REQUIRE(box.run({"cancel", "many1"}).code == 0);
  REQUIRE(watch.shows("29 tasks active"));
  REQUIRE(Sandbox::eventually([&] {
    const auto lines = last_frame(watch.text());
    return lines.size() == 23 && lines.back().find("command_applied") != std::string::npos;
  }));
  const auto lines = last_frame(watch.text());
  CHECK(line_with(lines, "many2 ") < line_with(lines, "many10 "));
  CHECK(line_with(lines, "many10 ") < lines.size());
  CHECK(lines[17].empty());  // and five events below
  CHECK(lines[16].find("more") != std::string::npos);
  for (std::size_t i = 0; i < 17; ++i) {
    INFO(lines[i]);
    CHECK(columns_of(lines[i]) <= 80);
  }
  CHECK(lines[line_with(lines, "many2 ")].find("Fix the bug number 2") != std::string::npos);
  CHECK(watch.end(SIGINT) == 130);
  CHECK(watch.text().find("\x1b[?25h") != std::string::npos);  // the cursor is back
}

TEST_CASE("watch of one task, and before there is a daemon") {
  Sandbox box;
  {
    Terminal early(command(box, {"watch"}), 24, 80);
    CHECK(early.shows("waiting for a daemon"));
    CHECK(early.end(SIGTERM) == 143);
  }
  box.start();
  REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", "typo"}).code == 0);
  Terminal watch(command(box, {"watch", "typo"}), 24, 80);
  CHECK(watch.shows("handed out, waits for development"));
  box.claim("development", "typo");
  CHECK(watch.shows("development at work"));
  box.complete("development", "typo");
  CHECK(watch.shows("[completed]"));
}

TEST_CASE("events -f goes on until a signal, which its exit code tells") {
  Sandbox box;
  box.start();
  Terminal events(command(box, {"events", "-f"}), 24, 200);
  REQUIRE(events.shows("daemon_started"));
  REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", "typo"}).code == 0);
  CHECK(events.shows("subtask_handed_off"));
  CHECK(events.end(SIGTERM) == 143);
}

TEST_CASE("claim --wait ends when its parent has ended, and takes nothing") {
  Sandbox box;
  Shell shell(box, "$claim --wait > $err.out 2> $err & echo pid $! over; wait");
  shell.require_waiting();
  REQUIRE(shell.terminal.shows(" over"));
  const std::string text = shell.terminal.text();
  const auto begin = text.find("pid ") + 4;
  const std::string pid = text.substr(begin, text.find(' ', begin) - begin);
  CHECK_FALSE(has_ended(pid));
  shell.terminal.end(SIGKILL);
  CHECK(Sandbox::eventually([&] { return has_ended(pid); }));
  CHECK(shell.err().find("is gone, so none is taken") != std::string::npos);
}

TEST_CASE("claim --wait ends when nobody can read what it prints") {
  Sandbox box;
  Shell shell(box, "$claim --wait 2> $err | until grep -q running $err; do :; done; echo over");
  CHECK(shell.terminal.shows("over"));
  CHECK(shell.err().find("is gone, so none is taken") != std::string::npos);
}

TEST_CASE("submit sees that its daemon died meanwhile") {
  Sandbox box;
  box.start();
  REQUIRE(::kill(box.pid(), SIGSTOP) == 0);
  baton::platform::Exit submitted;
  std::thread submit([&] { submitted = box.run({"submit", "Fix the typo in NOTES.md", "--id", "t"}); });
  const auto is_task = [](const std::string& name) { return name.ends_with(".json"); };
  CHECK(Sandbox::eventually([&] { return std::ranges::any_of(box.list("task-queue.d"), is_task); }));
  box.kill9();
  submit.join();
  CHECK(submitted.code == 0);
  CHECK(submitted.error_output.find("no daemon is running") != std::string::npos);
  box.start();
  box.require_handoff("development", "t");
}

TEST_CASE("who follows what nobody reads ends") {
  Sandbox box;
  for (const char* verb : {"watch", "events --follow"}) {
    Shell shell(box, std::string("${claim% claim*} ") + verb + " 2> $err | true; echo over");
    CHECK(shell.terminal.shows("over"));
  }
}

TEST_CASE("claim --wait ends when the coordination folder is removed") {
  Sandbox box;
  Shell shell(box, "$claim --wait 2> $err; echo code $?");
  shell.require_waiting();
  fs::remove_all(box.root());
  CHECK(shell.terminal.shows("code 3"));
  CHECK(shell.err().find("was removed or moved away") != std::string::npos);
}

TEST_CASE("claim --wait ends by the signal that it gets") {
  Sandbox box;
  Shell shell(box, "$claim --wait 2> $err & until grep -q running $err; do :; done; kill $!; wait $!; echo code $?");
  CHECK(shell.terminal.shows("code 143"));
}

TEST_CASE("a handoff that cannot be printed is given back, with the worker spec") {
  Sandbox box;
  box.start();
  REQUIRE(box.run({"submit", "Fix the typo in NOTES.md", "--id", "t"}).code == 0);
  Shell shell(box, "$claim --worker w1 2> $err > /dev/full; echo code $?");
  CHECK(shell.terminal.shows("code 1"));
  CHECK(shell.err().find("the handoff was given back") != std::string::npos);
  CHECK(box.exists(k_handoff));
  CHECK(box.list("masters/development/handoffs/claimed").empty());
  CHECK(box.list("worker-specs/active").empty());
  CHECK(box.run({"claim", "--master", "development"}).code == 0);
  box.complete("development", "t");
  box.require_status("t", "completed");
}

TEST_CASE("the worker loop of the README: several for one master, and nothing left lying about") {
  Sandbox box;
  box.start();
  const fs::path folder = fs::path(box.root()).parent_path();
  const fs::path tools = folder.string() + "-tools";
  const fs::path repository = folder / "repository";
  fs::create_directories(tools / "scratch");
  fs::create_directories(repository);
  fs::create_symlink(BATON_PROGRAM, tools / "baton");
  write_program(tools / "worker.sh", worker_script());
  write_program(tools / "my-agent", "#!/bin/sh\ncd \"" + repository.string() + "\" && head -n 1 | tr -d '#'\n");
  constexpr int k_tasks = 12;
  for (int i = 0; i < k_tasks; ++i)
    REQUIRE(box.run({"submit", "Fix the bug number " + std::to_string(i) + " in a" + std::to_string(i) + ".js", "--id",
                     "bug-" + std::to_string(i)})
                .code == 0);
  const std::vector<std::string> environment{"BATON_COORDINATION=" + box.root(), "PATH=" + tools.string() + ":/usr/bin:/bin",
                                             "TMPDIR=" + (tools / "scratch").string()};
  const std::vector<std::string> loop{"/bin/sh", (tools / "worker.sh").string(), "development"};
  {
    Terminal one(loop, 24, 80, environment);
    Terminal two(loop, 24, 80, environment);
    box.require_eventually(
        "all are done", [&] { return box.feed("orchestration_completed").size() == k_tasks; }, 120);
    REQUIRE(Sandbox::eventually([&] {
      const auto claims = processes("BATON_COORDINATION=" + box.root(), "claim");
      return claims.size() == 2 && std::all_of(claims.begin(), claims.end(), is_watching);
    }));
    CHECK(one.end(SIGTERM) == 130);
    CHECK(two.end(SIGTERM) == 130);
  }
  CHECK(fs::is_empty(tools / "scratch"));
  // Stopped are the shells alone: nothing of them takes one more piece of work.
  CHECK(Sandbox::eventually([&] { return processes("BATON_COORDINATION=" + box.root(), "claim").empty(); }));
  for (int i = 0; i < k_tasks; ++i) {
    const std::string id = "bug-" + std::to_string(i);
    box.require_status(id, "completed");
    CHECK(box.plan(id)["subtasks"][0]["result"]["summary"] ==
          "Fix the bug number " + std::to_string(i) + " in a" + std::to_string(i) + ".js");
  }
  CHECK(fs::is_empty(repository));
  fs::remove_all(tools);
}
