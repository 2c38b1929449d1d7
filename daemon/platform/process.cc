#include "platform/process.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "platform/child_handle.h"
#include "platform/exec_job.h"
#include "platform/kept_output.h"
#include "platform/pidfd.h"
#include "platform/spawn.h"

namespace baton::platform {
namespace {

constexpr std::size_t k_error_limit = 64 * 1024;  // bytes kept of standard error
constexpr std::size_t k_chunk = 64 * 1024;
constexpr int k_chunks = 16;      // per stream and pump(): a child that writes without end does not hold the turn
constexpr time_t k_linger_s = 1;  // for the output's end after the exit

/// This process is its parent. Until it is reaped the kernel gives neither its number nor its group to anybody else.
class OwnChild : public ChildHandle {
 public:
  explicit OwnChild(pid_t pid) : pid_(pid), pidfd_(open_pidfd(pid)) {}
  ~OwnChild() override {
    if (reaped_) return;
    OwnChild::signal(SIGKILL);
    reap();
  }

  pid_t pid() const override { return pid_; }
  int fd() const override { return pidfd_.get(); }
  std::optional<ChildEnd> look() override {
    siginfo_t info{};
    const auto id = static_cast<id_t>(pidfd_.get());
    BATON_ASSERT(::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno == EINTR);
    if (info.si_pid == 0) return std::nullopt;
    return ChildEnd{info.si_code != CLD_EXITED, info.si_status};
  }
  void signal(int number) override {
    if (reaped_) return;
    ::kill(-pid_, number);
    const bool left_its_group = ::getpgid(pid_) != pid_;
    if (left_its_group) signal_pidfd(pidfd_.get(), number);
  }
  void let_go() override {
    signal(SIGKILL);
    reap();
  }

 private:
  void reap() {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
    reaped_ = true;
  }
  pid_t pid_;
  bool reaped_ = false;
  Fd pidfd_;
};

}  // namespace

struct Process::Impl {
  std::unique_ptr<ChildHandle> child;
  bool exited = false;  // seen
  bool over = false;    // and told
  KeptOutput output;
  KeptOutput error_output{k_error_limit, 0};
  std::function<void(std::string_view)> sink;
  std::string input;
  std::size_t fed = 0;
  Fd in, out, err, linger;
  Fd any;  // epoll: readable when pump() has something to do
  Exit exit;

  Result<> watch_all();
  bool watch(int fd, std::uint32_t events);
  void feed();
  void drain(Fd& from, KeptOutput& kept) const;
  void take_output();
  void look_for_exit();
  bool lingered_enough() const;
};

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

Result<Process> Process::spawn(const SpawnRequest& request) {
  TRY(check_startable(request));
  TRY_VALUE(StreamPairs pipes, open_streams(request.joined));
  std::vector<std::string> words =
      request.exec_job_program.empty() ? request.argv : exec_job_words(request.exec_job_program, ::getpid(), request.argv);
  std::vector<std::string> environment = environment_of(request);
  std::vector<char*> argv = pointers_to(words), variables = pointers_to(environment);
  const int errors = request.joined ? pipes.theirs.output.get() : pipes.theirs.error_output.get();
  pid_t pid = 0;
  const int error = launch(
      {argv.data(), variables.data(), request.cwd.c_str(), pipes.theirs.input.get(), pipes.theirs.output.get(), errors}, pid);
  if (error != 0) return fail_start("cannot start " + text::printable(words.front()), error);
  return adopt(std::make_unique<OwnChild>(pid), std::move(pipes.ours), request);
}

Result<Process> Process::adopt(std::unique_ptr<ChildHandle> child, Streams pipes, const SpawnRequest& request) {
  auto impl = std::make_unique<Impl>();
  impl->child = std::move(child);
  impl->output = KeptOutput(request.output_limit, request.output_tail);
  impl->input = request.input;
  impl->sink = request.sink;
  impl->in = std::move(pipes.input);
  impl->out = std::move(pipes.output);
  impl->err = std::move(pipes.error_output);
  TRY(impl->watch_all());
  impl->feed();
  return Process(std::move(impl));
}

int Process::pid() const { return impl_->child->pid(); }
std::vector<int> Process::fds() const { return {impl_->any.get()}; }
void Process::signal_group(int signal) { impl_->child->signal(signal); }

bool Process::Impl::watch(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  return ::epoll_ctl(any.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Result<> Process::Impl::watch_all() {
  any = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (child->fd() < 0 || !any || !watch(child->fd(), EPOLLIN) || !watch(in.get(), EPOLLOUT) || !watch(out.get(), EPOLLIN) ||
      (err && !watch(err.get(), EPOLLIN)))
    return fail_start("cannot watch the process " + std::to_string(child->pid()), errno);
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
  const auto end = child->look();
  if (!end) return;
  exited = true;
  exit.signalled = end->signalled;
  exit.code = end->signalled ? 128 + end->code : end->code;
  in.reset();
  // It stays readable from now on; what is waited for is the end of the output, or of the patience with it.
  ::epoll_ctl(any.get(), EPOLL_CTL_DEL, child->fd(), nullptr);
  if (!out && !err) return;
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
  if (p.over) return std::nullopt;
  p.feed();
  p.drain(p.out, p.output);
  p.drain(p.err, p.error_output);
  if (!p.exited) p.look_for_exit();
  if (!p.exited) return std::nullopt;
  if ((p.out || p.err) && !p.lingered_enough()) return std::nullopt;
  p.child->let_go();
  p.over = true;
  p.out.reset();
  p.err.reset();
  p.take_output();
  return std::move(p.exit);
}

}  // namespace baton::platform
