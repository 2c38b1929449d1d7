#include "bench/workers.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace baton::bench {

namespace {
constexpr int k_patience_ms = 120'000;
}

void play_worker(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (::getppid() == parent) ::pause();  // else it ended before it could be bound to
  ::_exit(0);
}

WorkerProcesses::WorkerProcesses(int count) {
  const std::string parent = std::to_string(::getpid());
  for (int n = 0; n < count; ++n) pids_.push_back(spawn({"/proc/self/exe", "--worker", parent}));
}

WorkerProcesses::~WorkerProcesses() {
  kill_all();
  for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
}

void WorkerProcesses::kill(int n) const { check(::kill(pid(n), SIGKILL) == 0, "kill"); }

void WorkerProcesses::kill_all() const {
  for (const pid_t pid : pids_) ::kill(pid, SIGKILL);  // nobody has waited for any, so each number still means what it meant
}

std::string worker_id(const std::string& prefix, int n) { return "worker-" + prefix + "-" + std::to_string(n); }

std::string worker_spec(const std::string& prefix, int n, pid_t pid, int progress_percent) {
  return R"({"worker_id":")" + worker_id(prefix, n) + R"(","subtask_id":")" + prefix + "-" + std::to_string(n) +
         R"(","worker_type":"implementation","status":"running","pid":)" + std::to_string(pid) + R"(,"progress_percent":)" +
         std::to_string(progress_percent) + R"(,"current_step":"Reading the question"})";
}

void start_work(const Site& site, const std::string& prefix, const WorkerProcesses& processes) {
  Tail feed(site.path("dashboard-events.jsonl"));
  for (int n = 0; n < processes.count(); ++n)
    put_file(site.path("worker-specs/active"), worker_id(prefix, n) + ".json", worker_spec(prefix, n, processes.pid(n), 0));
  const auto is_start = [](const std::string& line) { return line.find("\"subtask_started\"") != std::string::npos; };
  for (std::ptrdiff_t started = 0; started < processes.count();) {
    const std::vector<std::string> lines = feed.take(k_patience_ms);
    if (lines.empty()) throw Failure("the daemon does not see its workers");
    started += std::ranges::count_if(lines, is_start);
  }
  site.await_quiet();
}

Tail::Tail(const std::string& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), notify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  check(file_ >= 0, path);
  check(notify_ >= 0 && ::inotify_add_watch(notify_, path.c_str(), IN_MODIFY) >= 0, path);
  check(::lseek(file_, 0, SEEK_END) >= 0, path);
}

Tail::~Tail() {
  ::close(file_);
  ::close(notify_);
}

std::vector<std::string> Tail::take(int timeout_ms) {
  std::vector<std::string> lines;
  for (const double end = now_ms() + timeout_ms; lines.empty();) {  // what wakes may have been read before
    pollfd ready{notify_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::max(0.0, end - now_ms()))) <= 0) break;
    read_more();
    std::size_t at = 0;
    for (std::size_t newline = 0; (newline = begun_.find('\n', at)) != std::string::npos; at = newline + 1)
      lines.push_back(begun_.substr(at, newline - at));
    begun_.erase(0, at);
  }
  return lines;
}

void Tail::read_more() {
  char buffer[64 << 10];
  while (::read(notify_, buffer, sizeof buffer) > 0) {
  }
  for (ssize_t got = 0; (got = ::read(file_, buffer, sizeof buffer)) > 0;) begun_.append(buffer, static_cast<std::size_t>(got));
}

double Tail::await(const std::vector<std::string>& words) {
  const auto holds_all = [&words](const std::string& line) {
    return std::ranges::all_of(words, [&line](const std::string& word) { return line.find(word) != std::string::npos; });
  };
  for (const double give_up = now_ms() + k_patience_ms; now_ms() < give_up;)
    if (std::ranges::any_of(take(100), holds_all)) return now_ms();
  throw Failure(words.front() + " was never said");
}

}  // namespace baton::bench
