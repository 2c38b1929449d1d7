#include "front/await.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_rescan_ms = 1'000;        // where the filesystem does not notify
constexpr std::int64_t k_safety_scan_ms = 30'000;  // a watched folder may be replaced between two looks

constexpr int k_signal_exit = 128;

volatile std::sig_atomic_t g_interrupted = 0;
volatile std::sig_atomic_t g_wake = -1;  // an eventfd, so that no sleep begins behind a signal's back

void on_signal(int signal) {
  const int before = errno;
  g_interrupted = signal;
  static_cast<void>(eventfd_write(static_cast<int>(g_wake), 1));
  errno = before;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

CatchInterrupt::CatchInterrupt() {
  g_interrupted = 0;
  g_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
}

CatchInterrupt::~CatchInterrupt() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  close(static_cast<int>(g_wake));
  g_wake = -1;
}

bool interrupted() { return g_interrupted != 0; }

int exit_code_of_interrupt() { return k_signal_exit + static_cast<int>(g_interrupted); }

void end_by_interrupt() {
  const int signal = static_cast<int>(g_interrupted);
  handle(signal, SIG_DFL);
  static_cast<void>(raise(signal));
}

Waiter::Waiter(platform::Watch watch, std::vector<std::string> missing)
    : watch_(std::move(watch)), missing_(std::move(missing)) {}

Result<Waiter> Waiter::open(const Folder& folder, const std::vector<std::string>& folders) {
  TRY_VALUE(auto watch, platform::Watch::open(folder.root()));
  std::vector<std::string> missing;
  for (const std::string& name : folders) {
    auto added = watch.add(name);
    if (!added && added.error().code != ErrorCode::not_found) return tl::make_unexpected(std::move(added).error());
    if (!added) missing.push_back(name);
  }
  return Waiter(std::move(watch), std::move(missing));
}

void Waiter::take() {
  for (const auto& notice : watch_.read())
    if (notice.what == platform::Notice::What::folder_lost) missing_.push_back(notice.folder);
}

void Waiter::watch_missing() {
  std::erase_if(missing_, [&](const std::string& name) { return watch_.add(name).has_value(); });
}

Woke Waiter::sleep(std::optional<std::int64_t> timeout_ms, const Caller* caller) {
  const std::int64_t scan_ms = watch_.notifies() && missing_.empty() ? k_safety_scan_ms : k_rescan_ms;
  const std::int64_t limit = timeout_ms ? std::clamp<std::int64_t>(*timeout_ms, 0, scan_ms) : scan_ms;
  const auto theirs = caller != nullptr ? caller->watched() : std::array<pollfd, 2>{pollfd{-1, 0, 0}, pollfd{-1, 0, 0}};
  std::array<pollfd, 4> descriptors{pollfd{.fd = watch_.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = static_cast<int>(g_wake), .events = POLLIN, .revents = 0}, theirs[0], theirs[1]};
  const int ready = poll(descriptors.data(), descriptors.size(), static_cast<int>(limit));
  if (interrupted()) return Woke::interrupted;
  if (descriptors[0].revents != 0) take();
  watch_missing();
  if (ready == 0 && timeout_ms && *timeout_ms <= limit) return Woke::timed_out;
  return Woke::changed;
}

namespace {

constexpr int k_quick_step_ms = 1;
constexpr int k_unwatched_step_ms = 100;

/// Nothing: the limit has come.
std::optional<Woke> look_every(int step_ms, std::optional<std::int64_t> limit_ms, const std::function<bool()>& done,
                               const Caller* caller) {
  for (const std::int64_t start = platform::now().mono_ms;;) {
    if (caller != nullptr && caller->gone()) return Woke::abandoned;
    if (done()) return Woke::changed;
    if (limit_ms && platform::now().mono_ms - start >= *limit_ms) return std::nullopt;
    pollfd wake{.fd = static_cast<int>(g_wake), .events = POLLIN, .revents = 0};
    poll(&wake, 1, step_ms);
    if (interrupted()) return Woke::interrupted;
  }
}

}  // namespace

Result<Woke> await(const Folder& folder, const std::vector<std::string>& folders, std::optional<std::int64_t> timeout_ms,
                   const std::function<bool()>& done, const Caller* caller) {
  // What a daemon answers comes within some milliseconds as a rule, and to end a watch takes the kernel up to 20.
  const std::int64_t start = platform::now().mono_ms;
  if (const auto woke = look_every(k_quick_step_ms, std::min(timeout_ms.value_or(k_quick_ms), k_quick_ms), done, caller))
    return *woke;
  if (timeout_ms) timeout_ms = std::max<std::int64_t>(0, *timeout_ms - (platform::now().mono_ms - start));
  // The watch stands before the next look, so that nothing can happen unseen between them.
  auto waiter = Waiter::open(folder, folders);
  if (waiter) return await(*waiter, timeout_ms, done, caller);
  if (waiter.error().code == ErrorCode::not_found) return tl::make_unexpected(std::move(waiter).error());
  // No watch is left for this user, as a rule: what is waited for happens all the same.
  return look_every(k_unwatched_step_ms, timeout_ms, done, caller).value_or(Woke::timed_out);
}

Woke await(Waiter& waiter, std::optional<std::int64_t> timeout_ms, const std::function<bool()>& done, const Caller* caller) {
  const std::int64_t start = platform::now().mono_ms;
  for (;;) {
    if (caller != nullptr && caller->gone()) return Woke::abandoned;
    if (done()) return Woke::changed;
    std::optional<std::int64_t> left;
    if (timeout_ms) left = *timeout_ms - (platform::now().mono_ms - start);
    if (left && *left <= 0) return Woke::timed_out;
    if (waiter.sleep(left, caller) == Woke::interrupted) return Woke::interrupted;
  }
}

}  // namespace baton::front
