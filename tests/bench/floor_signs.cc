// The floors of the figures about workers: what it costs to see an exit or a touched file at all.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <sstream>

#include "bench/floor.h"

namespace baton::bench {

namespace {

constexpr std::size_t k_feed_line = 350;  // bytes of a worker_exited

int open_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  check(fd >= 0, path);
  return fd;
}

std::string exit_line(std::int64_t pid) {
  std::string line = exit_word(pid);
  line.resize(k_feed_line, '.');
  return line + "\n";
}

}  // namespace

std::string exit_word(std::int64_t pid) { return "<" + std::to_string(pid) + ">"; }

void floor_of_exits(const std::string& folder) {
  const int all = ::epoll_create1(EPOLL_CLOEXEC);
  check(all >= 0, "epoll");
  std::istringstream pids(read_file(folder + "/pids"));
  for (int pid = 0; pids >> pid;) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u64 = static_cast<std::uint64_t>(pid);
    check(fd >= 0 && ::epoll_ctl(all, EPOLL_CTL_ADD, fd, &event) == 0, "pidfd");
  }
  const int log = open_log(folder + "/log"), feed = open_log(folder + "/feed");
  write_file(folder + "/watching", "");
  for (;;) {
    std::array<epoll_event, 256> ready{};
    const int count = ::epoll_wait(all, ready.data(), static_cast<int>(ready.size()), -1);
    std::string lines;
    for (int n = 0; n < count; ++n) lines += exit_line(static_cast<std::int64_t>(ready[static_cast<std::size_t>(n)].data.u64));
    for (const int fd : {log, feed}) {
      check(::write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()), "append");
      if (fd == log) check(::fdatasync(log) == 0, "fdatasync");
    }
  }
}

void floor_of_signs(const std::string& folder) {
  const int watch = ::inotify_init1(IN_CLOEXEC);
  check(watch >= 0, "inotify");
  const std::string in = folder + "/in/";
  check(::inotify_add_watch(watch, in.c_str(), IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO) >= 0, in);
  write_file(folder + "/watching", "");
  alignas(inotify_event) char buffer[64 << 10];
  for (;;) {
    const ssize_t got = ::read(watch, buffer, sizeof buffer);
    check(got > 0, "inotify");
    for (ssize_t at = 0; at < got;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      struct stat found {};
      if (event.len > 0) ::stat((in + (buffer + at + sizeof event)).c_str(), &found);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

}  // namespace baton::bench
