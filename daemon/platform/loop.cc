#include "platform/loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string_view>

#include "base/text.h"
#include "platform/fd.h"

namespace baton::platform {
namespace {

constexpr std::int64_t k_ns_per_ms = 1'000'000;
constexpr int k_taken_signals[] = {SIGTERM, SIGINT, SIGHUP};

std::int64_t read_clock_ms(clockid_t clock) {
  timespec time{};
  BATON_ASSERT(::clock_gettime(clock, &time) == 0);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / k_ns_per_ms;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

sigset_t taken_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : k_taken_signals) sigaddset(&set, signal);
  return set;
}

int arrange_signals() {
  const sigset_t taken = taken_signals();
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &taken, nullptr); error != 0) return error;
  for (const int signal : {SIGPIPE, SIGIO})
    if (::signal(signal, SIG_IGN) == SIG_ERR) return errno;
  return 0;
}

/// How often the service manager is told that this process lives: twice as often as it looks. 0: it does not look. spec:
/// sd_watchdog_enabled(3)
std::int64_t watchdog_pause_ms() {
  const std::string_view pid = environment("WATCHDOG_PID");
  if (!pid.empty() && pid != std::to_string(::getpid())) return 0;
  const std::string_view text = environment("WATCHDOG_USEC");
  std::int64_t limit_us = 0;
  std::from_chars(text.data(), text.data() + text.size(), limit_us);
  return limit_us <= 0 ? 0 : std::max<std::int64_t>(limit_us / 2 / 1000, 1);
}

bool is_empty(const Ready& ready) { return ready.fds.empty() && ready.signals.empty() && !ready.timer; }

}  // namespace

struct Loop::Impl {
  Fd epoll;
  Fd signals;
  Fd timer;                        // CLOCK_BOOTTIME: it counts while the machine sleeps
  std::vector<epoll_event> found;  // room for all that can be ready at once
  std::int64_t watchdog_ms = 0;    // pause between two signs of life; 0 = nobody wants them
  std::int64_t fed_ms = 0;         // monotonic clock, as the service manager's

  bool make();
  bool add(int fd);
  bool set_timer(std::optional<std::int64_t> deadline_boot_ms) const;
  int feed_watchdog();
  bool collect(bool poll, Ready& ready);
  void take(int fd, Ready& ready) const;
};

// These answer false with errno set.

bool Loop::Impl::make() {
  const sigset_t taken = taken_signals();
  epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
  signals = Fd(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  timer = Fd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  watchdog_ms = watchdog_pause_ms();
  return epoll && signals && timer && add(signals.get()) && add(timer.get());
}

bool Loop::Impl::add(int fd) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = fd;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &wanted) != 0) return errno == EEXIST;
  found.emplace_back();
  return true;
}

bool Loop::Impl::set_timer(std::optional<std::int64_t> deadline_boot_ms) const {
  itimerspec due{};  // of nothing but zeros: never
  if (deadline_boot_ms && *deadline_boot_ms <= std::numeric_limits<std::int64_t>::max() / k_ns_per_ms) {
    due.it_value.tv_sec = *deadline_boot_ms / 1000;
    due.it_value.tv_nsec = *deadline_boot_ms % 1000 * k_ns_per_ms;
  }
  return ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &due, nullptr) == 0;
}

/// How many ms it can do without the next sign; -1: for ever.
int Loop::Impl::feed_watchdog() {
  if (watchdog_ms == 0) return -1;
  const std::int64_t now_ms = read_clock_ms(CLOCK_MONOTONIC);
  if (now_ms >= fed_ms + watchdog_ms) {
    notify("WATCHDOG=1");
    fed_ms = now_ms;
  }
  return static_cast<int>(std::min<std::int64_t>(fed_ms + watchdog_ms - now_ms, std::numeric_limits<int>::max()));
}

bool Loop::Impl::collect(bool poll, Ready& ready) {
  do {
    const int pause_ms = feed_watchdog();
    const int count = ::epoll_wait(epoll.get(), found.data(), static_cast<int>(found.size()), poll ? 0 : pause_ms);
    if (count < 0 && errno != EINTR) return false;
    for (int i = 0; i < count; ++i) take(found[static_cast<std::size_t>(i)].data.fd, ready);
  } while (!poll && is_empty(ready));
  return true;
}

void Loop::Impl::take(int fd, Ready& ready) const {
  if (fd == timer.get()) {
    ready.timer = true;
  } else if (fd == signals.get()) {
    signalfd_siginfo info{};
    while (::read(fd, &info, sizeof info) == sizeof info) ready.signals.push_back(static_cast<int>(info.ssi_signo));
  } else {
    ready.fds.push_back(fd);
  }
}

Loop::Loop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Loop::~Loop() = default;
Loop::Loop(Loop&&) noexcept = default;
Loop& Loop::operator=(Loop&&) noexcept = default;

Result<Loop> Loop::open() {
  if (const int error = arrange_signals(); error != 0) return fail_errno("cannot set up signals", error);
  auto impl = std::make_unique<Impl>();
  if (!impl->make()) return fail_errno("cannot set up the event loop", errno);
  return Loop(std::move(impl));
}

Result<> Loop::watch(int fd) {
  if (!impl_->add(fd)) return fail_errno("cannot wait for descriptor " + std::to_string(fd), errno);
  return {};
}

void Loop::forget(int fd) {
  if (::epoll_ctl(impl_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr) == 0) impl_->found.pop_back();
}

Result<Ready> Loop::wait(std::optional<std::int64_t> deadline_boot_ms) {
  Ready ready;
  ready.timer = deadline_boot_ms && *deadline_boot_ms <= read_clock_ms(CLOCK_BOOTTIME);
  if (!impl_->set_timer(ready.timer ? std::nullopt : deadline_boot_ms) || !impl_->collect(ready.timer, ready))
    return fail_errno("cannot wait for events", errno);
  return ready;
}

// spec: sd_notify(3), "Notes": one datagram
void Loop::notify(const std::string& state) {
  const std::string_view name = environment("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((!name.starts_with('/') && !name.starts_with('@')) || name.size() >= sizeof address.sun_path) return;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';  // no file: it lives in the abstract namespace
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

Moment now() { return {read_clock_ms(CLOCK_REALTIME), read_clock_ms(CLOCK_MONOTONIC), read_clock_ms(CLOCK_BOOTTIME)}; }

Result<std::string> boot_id() {
  const char* path = "/proc/sys/kernel/random/boot_id";
  const Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  char bytes[64];
  const ssize_t got = fd ? ::read(fd.get(), bytes, sizeof bytes) : -1;
  if (got < 0) return fail_errno(std::string("cannot read ") + path, errno);
  return std::string(text::trim(std::string_view(bytes, static_cast<std::size_t>(got))));
}

}  // namespace baton::platform
