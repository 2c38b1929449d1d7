#include "platform/loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>
#include <unordered_map>

#include "base/text.h"
#include "platform/fd.h"

namespace baton::platform {
namespace {

constexpr std::uint64_t k_forever = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t k_us_per_ms = 1000;
constexpr int k_taken_signals[] = {SIGTERM, SIGINT, SIGHUP};

struct SourceEnd {
  void operator()(sd_event_source* source) const { sd_event_source_disable_unref(source); }
};
using Source = std::unique_ptr<sd_event_source, SourceEnd>;

struct EventEnd {
  void operator()(sd_event* event) const { sd_event_unref(event); }
};

std::int64_t read_clock_ms(clockid_t clock) {
  timespec time{};
  BATON_ASSERT(::clock_gettime(clock, &time) == 0);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

int arrange_signals() {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int signal : k_taken_signals) sigaddset(&blocked, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr); error != 0) return error;
  for (const int signal : {SIGPIPE, SIGIO})
    if (::signal(signal, SIG_IGN) == SIG_ERR) return errno;
  return 0;
}

int on_readable(sd_event_source*, int fd, std::uint32_t, void* ready) {
  static_cast<Ready*>(ready)->fds.push_back(fd);
  return 0;
}

int on_signal(sd_event_source*, const signalfd_siginfo* info, void* ready) {
  static_cast<Ready*>(ready)->signals.push_back(static_cast<int>(info->ssi_signo));
  return 0;
}

int on_time(sd_event_source*, std::uint64_t, void* ready) {
  static_cast<Ready*>(ready)->timer = true;
  return 0;
}

bool is_empty(const Ready& ready) { return ready.fds.empty() && ready.signals.empty() && !ready.timer; }

}  // namespace

struct Loop::Impl {
  std::unique_ptr<sd_event, EventEnd> event;
  Ready ready;
  // sd-event hands out one source at a time and would hand out a readable descriptor for ever, as nobody reads meanwhile. So
  // every source fires once per wait; those that fired are armed again at the next.
  std::unordered_map<int, Source> sources;
  std::vector<int> spent;
  Source timer;

  int make();
  int arm_again();
  int set_timer(std::optional<std::int64_t> deadline_boot_ms);
  int collect(bool poll);
};

int Loop::Impl::make() {
  sd_event* made = nullptr;
  if (const int r = sd_event_new(&made); r < 0) return r;
  event.reset(made);
  for (const int signal : k_taken_signals)
    if (const int r = sd_event_add_signal(made, nullptr, signal, on_signal, &ready); r < 0) return r;
  sd_event_source* source = nullptr;
  constexpr std::uint64_t k_exact_us = 1;  // 0 would mean "within 250 ms"
  if (const int r = sd_event_add_time(made, &source, CLOCK_BOOTTIME, 0, k_exact_us, on_time, &ready); r < 0) return r;
  timer.reset(source);
  if (const int r = sd_event_source_set_enabled(source, SD_EVENT_OFF); r < 0) return r;
  return sd_event_set_watchdog(made, true);
}

int Loop::Impl::arm_again() {
  for (const int fd : std::exchange(spent, {})) {
    const auto source = sources.find(fd);
    if (source == sources.end()) continue;
    if (const int r = sd_event_source_set_enabled(source->second.get(), SD_EVENT_ONESHOT); r < 0) return r;
  }
  return 0;
}

int Loop::Impl::set_timer(std::optional<std::int64_t> deadline_boot_ms) {
  if (!deadline_boot_ms || *deadline_boot_ms > std::numeric_limits<std::int64_t>::max() / k_us_per_ms)
    return sd_event_source_set_enabled(timer.get(), SD_EVENT_OFF);
  const auto due_us = static_cast<std::uint64_t>(*deadline_boot_ms * k_us_per_ms);
  if (const int r = sd_event_source_set_time(timer.get(), due_us); r < 0) return r;
  return sd_event_source_set_enabled(timer.get(), SD_EVENT_ONESHOT);
}

// A run may end without a call of ours: it fed the watchdog, or was interrupted.
int Loop::Impl::collect(bool poll) {
  while (!poll && is_empty(ready))
    if (const int r = sd_event_run(event.get(), k_forever); r < 0) return r;
  int r = 0;
  do r = sd_event_run(event.get(), 0);
  while (r > 0);
  return r;
}

Loop::Loop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Loop::~Loop() = default;
Loop::Loop(Loop&&) noexcept = default;
Loop& Loop::operator=(Loop&&) noexcept = default;

Result<Loop> Loop::open() {
  if (const int error = arrange_signals(); error != 0) return fail_errno("cannot set up signals", error);
  auto impl = std::make_unique<Impl>();
  if (const int r = impl->make(); r < 0) return fail_errno("cannot set up the event loop", -r);
  return Loop(std::move(impl));
}

Result<> Loop::watch(int fd) {
  if (impl_->sources.contains(fd)) return {};
  sd_event_source* source = nullptr;
  int r = sd_event_add_io(impl_->event.get(), &source, fd, EPOLLIN, on_readable, &impl_->ready);
  if (r < 0) return fail_errno("cannot wait for descriptor " + std::to_string(fd), -r);
  Source owned(source);
  r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
  if (r < 0) return fail_errno("cannot wait for descriptor " + std::to_string(fd), -r);
  impl_->sources.emplace(fd, std::move(owned));
  return {};
}

void Loop::forget(int fd) { impl_->sources.erase(fd); }

Result<Ready> Loop::wait(std::optional<std::int64_t> deadline_boot_ms) {
  impl_->ready = {};
  const bool due = deadline_boot_ms && *deadline_boot_ms <= read_clock_ms(CLOCK_BOOTTIME);
  impl_->ready.timer = due;
  int r = impl_->arm_again();
  if (r >= 0) r = impl_->set_timer(due ? std::nullopt : deadline_boot_ms);
  if (r >= 0) r = impl_->collect(due);
  impl_->spent = impl_->ready.fds;
  if (r < 0) return fail_errno("cannot wait for events", -r);
  return std::exchange(impl_->ready, {});
}

void Loop::notify(const std::string& state) { sd_notify(0, state.c_str()); }

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
