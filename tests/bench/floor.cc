#include "bench/floor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "bench/site.h"

namespace baton::bench {

namespace fs = std::filesystem;

namespace {

constexpr int k_tasks_per_sync = 20;
constexpr int k_feed_lines = 8;

int open_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  check(fd >= 0, path);
  return fd;
}

void append(int fd, const std::string& bytes) {
  check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "append");
}

std::string read_plainly(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  check(fd >= 0, path);
  char buffer[64 << 10];
  const ssize_t got = ::read(fd, buffer, sizeof buffer);
  ::close(fd);
  check(got >= 0, path);
  return {buffer, static_cast<std::size_t>(got)};
}

}  // namespace

void floor_loop(const std::string& folder) {
  Arrivals arrivals(folder + "/in");
  const int log = open_log(folder + "/log");
  write_file(folder + "/watching", "");
  for (;;)
    for (const std::string& name : arrivals.take(-1)) {
      const std::string bytes = read_plainly(folder + "/in/" + name);
      append(log, bytes);
      check(::fdatasync(log) == 0, "fdatasync");
      put_file(folder + "/out", name, bytes);
    }
}

FloorProcess::FloorProcess(const std::string& folder, const std::string& loop, const std::string& pids) : folder_(folder) {
  for (const std::string& each : {in(), out()}) fs::create_directories(each);
  write_file(folder_ + "/pids", pids);
  pid_ = spawn({"/proc/self/exe", loop, folder_});
  while (!fs::exists(folder_ + "/watching")) let_pass(5);
}

FloorProcess::~FloorProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

double floor_of_tasks(const std::string& folder, int count, const TaskFiles& sizes) {
  const auto place = [&folder](const char* name) {
    fs::create_directories(folder + "/" + name);
    return folder + "/" + name;
  };
  const std::string drops = place("drops"), handoffs = place("handoffs"), results = place("results"), filed = place("filed");
  const std::string plans = place("plans"), subtasks = place("subtasks"), reports = place("reports");
  for (int n = 0; n < count; ++n) {
    write_file(drops + "/" + std::to_string(n), std::string(sizes.drop, 'x'));
    write_file(results + "/" + std::to_string(n), std::string(sizes.result, 'x'));
  }
  const std::string handoff(sizes.handoff, 'x'), plan(sizes.plan, 'x'), subtask(sizes.subtask, 'x');
  const std::string report(sizes.report, 'x'), markdown(sizes.markdown, 'x'), line(sizes.feed_line, 'x');
  const int feed = open_log(folder + "/feed"), log = open_log(folder + "/log");
  const double begin = now_ms();
  for (int n = 0; n < count; ++n) {
    const std::string name = std::to_string(n);
    append(log, read_plainly(drops + "/" + name));
    if (n % k_tasks_per_sync == 0) check(::fdatasync(log) == 0, "fdatasync");
    put_file(handoffs, name, handoff);
    move_file(drops + "/" + name, filed + "/drop-" + name);
    append(log, read_plainly(results + "/" + name));
    move_file(results + "/" + name, filed + "/result-" + name);
    write_file(plans + "/orch-" + name, plan);
    check(::symlink(("orch-" + name).c_str(), (plans + "/" + name).c_str()) == 0, "symlink");
    write_file(subtasks + "/" + name, subtask);
    write_file(reports + "/" + name + ".json", report);
    write_file(reports + "/" + name + ".md", markdown);
    for (int i = 0; i < k_feed_lines; ++i) append(feed, line);
  }
  const double took = now_ms() - begin;
  ::close(feed);
  ::close(log);
  return took;
}

}  // namespace baton::bench
