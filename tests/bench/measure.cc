#include "bench/measure.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace baton::bench {

namespace {
constexpr int k_patience_ms = 60'000;  // for anything that is awaited

/// Folders of /proc, one per thread; none when the process is gone.
std::vector<std::string> threads_of(pid_t pid) {
  std::vector<std::string> folders;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone))
    folders.push_back(thread.path().string());
  return folders;
}

std::int64_t number_in(const std::string& file, const std::string& key) {
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1));
  throw Failure("no " + key + " in " + file);
}
}  // namespace

void fail(const std::string& what) { throw Failure(what + ": " + std::strerror(errno)); }

double now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double percentile(std::vector<double> samples, double per) {
  if (samples.empty()) throw Failure("no samples");
  std::ranges::sort(samples);
  const double at = std::ceil(per / 100 * static_cast<double>(samples.size())) - 1;
  return samples[static_cast<std::size_t>(std::max(at, 0.0))];
}

double cpu_ms(pid_t pid) {
  double all_ns = 0;
  for (const std::string& thread : threads_of(pid)) {
    std::istringstream fields(read_file(thread + "/schedstat"));
    double on_cpu_ns = 0;
    fields >> on_cpu_ns;
    all_ns += on_cpu_ns;
  }
  return all_ns / 1e6;
}

std::int64_t switches(pid_t pid) {
  std::int64_t all = 0;
  for (const std::string& thread : threads_of(pid))
    for (const char* kind : {"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"}) all += number_in(thread + "/status", kind);
  return all;
}

std::int64_t status_number(pid_t pid, const std::string& key) {
  return number_in("/proc/" + std::to_string(pid) + "/status", key);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(fd >= 0, path);
  check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), path);
  ::close(fd);
}

void put_file(const std::string& folder, const std::string& name, const std::string& bytes) {
  const std::string hidden = folder + "/." + name;
  write_file(hidden, bytes);
  move_file(hidden, folder + "/" + name);
}

void move_file(const std::string& from, const std::string& to) { check(::rename(from.c_str(), to.c_str()) == 0, from); }
void remove_file(const std::string& path) { ::unlink(path.c_str()); }

void let_pass(double ms) {
  const double end = now_ms() + ms;
  for (double left = ms; left > 0; left = end - now_ms()) ::poll(nullptr, 0, static_cast<int>(std::ceil(left)));
}

Arrivals::Arrivals(const std::string& folder) : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  check(fd_ >= 0, "inotify");
  check(::inotify_add_watch(fd_, folder.c_str(), IN_MOVED_TO | IN_ONLYDIR) >= 0, folder);
}

Arrivals::~Arrivals() { ::close(fd_); }

std::vector<std::string> Arrivals::take(int timeout_ms) {
  pollfd ready{fd_, POLLIN, 0};
  std::vector<std::string> names;
  if (::poll(&ready, 1, timeout_ms) <= 0) return names;
  alignas(inotify_event) char buffer[64 << 10];
  const ssize_t got = ::read(fd_, buffer, sizeof buffer);
  for (ssize_t at = 0; at < got;) {
    inotify_event event{};
    std::memcpy(&event, buffer + at, sizeof event);
    if ((event.mask & IN_Q_OVERFLOW) != 0) throw Failure("the client was too slow for its own watch");
    const char* name = buffer + at + sizeof event;
    if (event.len > 0 && *name != '.') names.emplace_back(name);
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  return names;
}

double Arrivals::await(const std::string& name) {
  for (const double give_up = now_ms() + k_patience_ms; now_ms() < give_up;)
    for (const std::string& arrived : take(100))
      if (arrived == name) return now_ms();
  throw Failure(name + " never came");
}

}  // namespace baton::bench
