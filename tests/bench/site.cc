#include "bench/site.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

extern char** environ;

namespace baton::bench {

namespace fs = std::filesystem;

namespace {

constexpr int k_patience_ms = 120'000;
constexpr int k_tasks_per_file = 100;
constexpr double k_quiet_ms = 1'500;

std::vector<std::string>& leftovers() {
  static std::vector<std::string> folders;
  return folders;
}

std::string numbered(const std::string& prefix, int n) { return prefix + "-" + std::to_string(n); }

}  // namespace

pid_t spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  std::vector<char*> words, names;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& name : environment) names.push_back(const_cast<char*>(name.c_str()));
  for (char** each = environ; *each != nullptr; ++each)
    if (!std::string_view(*each).starts_with("NOTIFY_SOCKET=") && !std::string_view(*each).starts_with("BATON_"))
      names.push_back(*each);
  words.push_back(nullptr);
  names.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t pid = 0;
  errno = ::posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), names.data());
  ::posix_spawn_file_actions_destroy(&actions);
  check(errno == 0, argv[0]);
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  check(::waitpid(pid, &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string task(const std::string& id) {
  return R"({"id":")" + id + R"(","title":"Answer question )" + id +
         R"(","description":"Read the question, look for the answer, write it down in a few sentences.","priority":"medium",)"
         R"("orchestration_required":false,"assigned_to":"development"})";
}

Site::Site() {
  std::string pattern = fs::temp_directory_path().string() + "/baton-bench-XXXXXX";
  check(::mkdtemp(pattern.data()) != nullptr, pattern);
  folder_ = fs::canonical(pattern).string();
  if (wait_for(spawn({BATON_PROGRAM, "init", folder_})) != 0) throw Failure("baton init failed");
}

Site::~Site() {
  if (pid_ != 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  leftovers().push_back(folder_);
}

void remove_sites() {
  std::error_code ignored;
  for (const std::string& folder : leftovers()) fs::remove_all(folder, ignored);
}

std::vector<std::string> Site::command(std::vector<std::string> args) const {
  args.insert(args.begin(), {BATON_PROGRAM, "--coordination", folder_ + "/coordination"});
  return args;
}

double Site::start(std::vector<std::string> wrapper) {
  const std::string name = folder_ + "/notify";
  remove_file(name);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  check(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, name);
  for (const std::string& word : command({"daemon"})) wrapper.push_back(word);
  const double begin = now_ms();
  pid_ = spawn(wrapper, {"NOTIFY_SOCKET=" + name});
  double ready = 0;
  while (ready == 0) {
    pollfd readable{socket, POLLIN, 0};
    if (::poll(&readable, 1, k_patience_ms) != 1) throw Failure("the daemon never said READY=1");
    char message[4096];
    const ssize_t got = ::recv(socket, message, sizeof message, 0);
    check(got >= 0, name);
    if (std::string_view(message, static_cast<std::size_t>(got)).find("READY=1") != std::string_view::npos) ready = now_ms();
  }
  ::close(socket);
  return ready - begin;
}

void Site::stop() {
  check(::kill(pid_, SIGTERM) == 0, "kill");
  if (wait_for(std::exchange(pid_, 0)) != 0) throw Failure("the daemon did not end well");
}

void Site::drop(const std::string& id) const { put_file(path("task-queue.d"), id + ".json", task(id)); }

void Site::fill(int count, const std::string& prefix) const {
  Arrivals handoffs(this->handoffs());
  int arrived = 0;
  for (int n = 0; n < count;) {
    std::string tasks;
    const int first = n;
    for (; n < count && n < first + k_tasks_per_file; ++n) tasks += (tasks.empty() ? "[" : ",\n") + task(numbered(prefix, n));
    put_file(path("task-queue.d"), numbered(prefix, first) + ".json", tasks + "]\n");
    while (arrived < n) {
      const std::vector<std::string> names = handoffs.take(k_patience_ms);
      if (names.empty()) throw Failure("handoffs do not come");
      arrived += static_cast<int>(names.size());
    }
  }
}

void Site::claim(const std::string& id) const {
  move_file(handoffs() + "/" + handoff_name(id), handoffs() + "/claimed/" + handoff_name(id));
}

void Site::answer(const std::string& id) const {
  put_file(handoffs(), "from-development-subtask-" + id + ".json",
           R"({"status":"completed","result":{"summary":"The answer to )" + id + R"( is written down.","artifacts":["answers/)" +
               id + R"(.md"],"tokens_used":1200}})");
}

void Site::finish(int count, const std::string& prefix) const {
  Arrivals reports(path("orchestrator/reports"));
  std::set<std::string> done;
  const auto take = [&](int timeout_ms) {
    const std::vector<std::string> names = reports.take(timeout_ms);
    for (const std::string& name : names)
      if (name.ends_with(".md")) done.insert(name);
    return !names.empty();
  };
  for (int n = 0; n < count; ++n) {
    claim(numbered(prefix, n));
    answer(numbered(prefix, n));
    take(0);
  }
  while (done.size() < static_cast<std::size_t>(count))
    if (!take(k_patience_ms)) throw Failure("reports do not come");
}

void Site::await_live(int count) const {
  for (const double give_up = now_ms() + k_patience_ms; now_ms() < give_up; let_pass(20)) {
    const auto state = nlohmann::json::parse(read_file(path("orchestrator/state/current.json")), nullptr, false);
    if (state.is_object() && state.value("active_orchestrations", -1) == count) return;
  }
  throw Failure("the state never said " + std::to_string(count) + " live tasks");
}

void Site::await_quiet() const {
  double used = cpu_ms(pid_), since = now_ms();
  for (const double give_up = now_ms() + k_patience_ms; now_ms() < give_up; let_pass(50)) {
    const double now_used = cpu_ms(pid_);
    if (now_used > used) {
      used = now_used;
      since = now_ms();
    }
    if (now_ms() - since > k_quiet_ms) return;
  }
  throw Failure("the daemon never rests");
}

}  // namespace baton::bench
