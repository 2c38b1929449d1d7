#include "front/await.h"

#include <poll.h>
#include <algorithm>
#include <cerrno>
#include <csignal>

#include "platform/loop.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_rescan_ms = 1'000;        // where the filesystem does not notify
constexpr std::int64_t k_safety_scan_ms = 30'000;  // a watched folder may be replaced between two looks

constexpr int k_signal_exit = 128;

volatile std::sig_atomic_t g_interrupted = 0;

void on_signal(int signal) { g_interrupted = signal; }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

CatchInterrupt::CatchInterrupt() {
  g_interrupted = 0;
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
}

CatchInterrupt::~CatchInterrupt() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
}

bool interrupted() { return g_interrupted != 0; }

int exit_code_of_interrupt() { return k_signal_exit + static_cast<int>(g_interrupted); }

Waiter::Waiter(platform::Watch watch, std::vector<std::string> folders)
    : watch_(std::move(watch)), folders_(std::move(folders)) {}

Result<Waiter> Waiter::open(const Folder& folder, std::vector<std::string> folders) {
  TRY_VALUE(auto watch, platform::Watch::open(folder.root()));
  for (const std::string& name : folders)
    if (auto added = watch.add(name); !added && added.error().code != ErrorCode::not_found)
      return tl::make_unexpected(std::move(added).error());
  return Waiter(std::move(watch), std::move(folders));
}

void Waiter::take() {
  for (const auto& notice : watch_.read())
    if (notice.what == platform::Notice::What::folder_lost) static_cast<void>(watch_.add(notice.folder));
}

Woke Waiter::sleep(std::optional<std::int64_t> timeout_ms) {
  const std::int64_t scan_ms = watch_.notifies() ? k_safety_scan_ms : k_rescan_ms;
  const std::int64_t limit = timeout_ms ? std::clamp<std::int64_t>(*timeout_ms, 0, scan_ms) : scan_ms;
  pollfd descriptor{.fd = watch_.fd(), .events = POLLIN, .revents = 0};
  const int ready = poll(&descriptor, 1, static_cast<int>(limit));
  if (interrupted()) return Woke::interrupted;
  if (ready > 0) take();
  if (ready == 0 && timeout_ms && *timeout_ms <= limit) return Woke::timed_out;
  return Woke::changed;
}

Result<Woke> await(const Folder& folder, std::vector<std::string> folders, std::optional<std::int64_t> timeout_ms,
                   const std::function<bool()>& done) {
  // The watch stands before the first look, so that nothing can happen unseen between them.
  TRY_VALUE(Waiter waiter, Waiter::open(folder, std::move(folders)));
  const std::int64_t start = platform::now().mono_ms;
  while (!done()) {
    std::optional<std::int64_t> left;
    if (timeout_ms) left = *timeout_ms - (platform::now().mono_ms - start);
    if (left && *left <= 0) return Woke::timed_out;
    if (waiter.sleep(left) == Woke::interrupted) return Woke::interrupted;
  }
  return Woke::changed;
}

}  // namespace baton::front
