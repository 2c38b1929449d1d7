#include "platform/process.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>

#include "platform/kept_output.h"
#include "platform/spawn.h"

namespace baton::platform {
namespace {

constexpr std::size_t k_error_limit = 64 * 1024;  // bytes kept of standard error
constexpr std::size_t k_chunk = 64 * 1024;
constexpr int k_chunks = 16;      // per stream and pump(): a child that writes without end does not hold the turn
constexpr time_t k_linger_s = 1;  // for the output's end after the exit

// By number: <sys/pidfd.h> of some glibc versions cannot be linked from C++.
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)); }
void signal_pidfd(int pidfd, int number) { ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0U); }

// A write to a child that reads no more is an error, not our end; and the kernel must not reap children for us, as it does where
// "ignore SIGCHLD" was inherited.
void arrange_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
}

}  // namespace

struct Process::Impl {
  pid_t pid = 0;
  bool reaped = false;
  bool exited = false;  // seen, not yet reaped: until then the kernel gives neither pid nor group to anybody else
  KeptOutput output;
  KeptOutput error_output{k_error_limit, 0};
  std::function<void(std::string_view)> sink;
  std::string input;
  std::size_t fed = 0;
  Fd pidfd, in, out, err, linger;
  Fd any;  // epoll: readable when pump() has something to do
  Exit exit;

  ~Impl();
  Result<> watch_all();
  bool watch(int fd, std::uint32_t events);
  void feed();
  void drain(Fd& from, KeptOutput& kept) const;
  void take_output();
  void look_for_exit();
  bool lingered_enough() const;
  void signal(int number);
  void reap();
};

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

Result<Process> Process::spawn(const SpawnRequest& request) {
  arrange_signals();
  TRY_VALUE(Spawned spawned, spawn_with_pipes(request));
  auto impl = std::make_unique<Impl>();
  impl->pid = spawned.pid;
  impl->output = KeptOutput(request.output_limit, request.output_tail);
  impl->input = request.input;
  impl->sink = request.sink;
  impl->in = std::move(spawned.input);
  impl->out = std::move(spawned.output);
  impl->err = std::move(spawned.error_output);
  TRY(impl->watch_all());
  impl->feed();
  return Process(std::move(impl));
}

int Process::pid() const { return impl_->pid; }
std::vector<int> Process::fds() const { return {impl_->any.get()}; }
void Process::signal_group(int signal) { impl_->signal(signal); }

Process::Impl::~Impl() {
  if (reaped) return;
  signal(SIGKILL);
  reap();
}

bool Process::Impl::watch(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  return ::epoll_ctl(any.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Result<> Process::Impl::watch_all() {
  pidfd = Fd(open_pidfd(pid));
  any = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!pidfd || !any || !watch(pidfd.get(), EPOLLIN) || !watch(in.get(), EPOLLOUT) || !watch(out.get(), EPOLLIN) ||
      (err && !watch(err.get(), EPOLLIN)))
    return fail_start("cannot watch the process " + std::to_string(pid), errno);
  return {};
}

// A closed descriptor leaves the epoll set by itself.
void Process::Impl::feed() {
  while (in && fed < input.size()) {
    const ssize_t put = ::write(in.get(), input.data() + fed, input.size() - fed);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) break;  // nobody reads it any more, which is the child's right
    fed += static_cast<std::size_t>(put);
  }
  in.reset();
  input = {};
}

// What is not kept is read all the same: the child must not block.
void Process::Impl::drain(Fd& from, KeptOutput& kept) const {
  std::array<char, k_chunk> chunk;
  for (int i = 0; from && i < k_chunks; ++i) {
    const ssize_t got = ::read(from.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      from.reset();
      return;
    }
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(got));
    kept.add(bytes);
    if (sink && &kept == &output) sink(bytes);
  }
}

void Process::Impl::take_output() {
  KeptOutput::Text standard = output.take();
  KeptOutput::Text error = error_output.take();
  exit.output = std::move(standard.head);
  exit.output_tail = std::move(standard.tail);
  exit.left_out = standard.left_out;
  exit.error_output = std::move(error.head);
  exit.truncated = standard.left_out > 0 || error.left_out > 0;
}

void Process::Impl::look_for_exit() {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pidfd.get());
  BATON_ASSERT(::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno == EINTR);
  if (info.si_pid == 0) return;
  exited = true;
  exit.signalled = info.si_code != CLD_EXITED;
  exit.code = exit.signalled ? 128 + info.si_status : info.si_status;
  in.reset();
  // The pidfd stays readable from now on; what is waited for is the end of the output, or of the patience with it.
  ::epoll_ctl(any.get(), EPOLL_CTL_DEL, pidfd.get(), nullptr);
  linger = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec patience{};
  patience.it_value.tv_sec = k_linger_s;
  if (!linger || ::timerfd_settime(linger.get(), 0, &patience, nullptr) != 0 || !watch(linger.get(), EPOLLIN)) linger.reset();
}

// Without a timer (no descriptors left) there is no patience either.
bool Process::Impl::lingered_enough() const {
  std::uint64_t expirations = 0;
  return !linger || ::read(linger.get(), &expirations, sizeof expirations) > 0;
}

std::optional<Exit> Process::pump() {
  Impl& p = *impl_;
  if (p.reaped) return std::nullopt;  // the exit was given out
  p.feed();
  p.drain(p.out, p.output);
  p.drain(p.err, p.error_output);
  if (!p.exited) p.look_for_exit();
  if (!p.exited) return std::nullopt;
  if ((p.out || p.err) && !p.lingered_enough()) return std::nullopt;
  p.signal(SIGKILL);  // a job ends with its leader: nothing of its group runs on unseen
  p.reap();
  p.out.reset();
  p.err.reset();
  p.take_output();
  return std::move(p.exit);
}

// As long as the leader is not reaped nobody else can have its pid or group id.
void Process::Impl::signal(int number) {
  if (reaped) return;
  ::kill(-pid, number);
  const bool left_its_group = ::getpgid(pid) != pid;
  if (left_its_group) signal_pidfd(pidfd.get(), number);
}

void Process::Impl::reap() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) != 0 && errno == EINTR) {
  }
  reaped = true;
}

}  // namespace baton::platform
