#include "platform/guard.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include "base/text.h"
#include "platform/child_handle.h"
#include "platform/guard_channel.h"
#include "platform/pidfd.h"
#include "platform/spawn.h"

namespace baton::platform {

/// Shared with the child, which may be looked at after the guard has gone.
struct Guard::Channel {
  Fd socket;
  bool is_broken = false;  // the guard has gone by itself

  std::optional<GuardReply> receive(int flags) {
    GuardReply reply;
    ssize_t got = 0;
    while ((got = ::recv(socket.get(), &reply, sizeof reply, flags)) < 0 && errno == EINTR) continue;
    if (got == static_cast<ssize_t>(sizeof reply)) return reply;
    if (got >= 0 || errno != EAGAIN) is_broken = true;
    return std::nullopt;
  }
};

class Guard::GuardedChild : public ChildHandle {
 public:
  GuardedChild(std::shared_ptr<Channel> channel, pid_t pid) : channel_(std::move(channel)), pid_(pid), pidfd_(open_pidfd(pid)) {}
  ~GuardedChild() override {
    GuardedChild::signal(SIGKILL);
    while (!end_) take(0);
  }

  pid_t pid() const override { return pid_; }
  int fd() const override { return channel_->socket.get(); }
  std::optional<ChildEnd> look() override {
    if (!end_) take(MSG_DONTWAIT);
    return end_;
  }
  void signal(int number) override {
    if (end_) return;
    GuardOrder order;
    order.kind = GuardOrder::Kind::signal;
    order.signal = number;
    static_cast<void>(send_order(channel_->socket.get(), order, nullptr));  // a guard that has gone shows in take()
  }
  void let_go() override {}  // the guard has done it

 private:
  void take(int flags) {
    const auto reply = channel_->receive(flags);
    if (reply && reply->kind == GuardReply::Kind::ended) end_ = ChildEnd{reply->signalled, reply->number};
    if (!channel_->is_broken || end_) return;
    end_ = ChildEnd{true, SIGKILL};
    if (pidfd_ && signal_pidfd(pidfd_.get(), 0) == 0) ::kill(-pid_, SIGKILL);  // nobody else does it now
  }
  std::shared_ptr<Channel> channel_;
  pid_t pid_;
  Fd pidfd_;
  std::optional<ChildEnd> end_;
};

namespace {

/// As GuardOrder has it.
Result<Fd> file_of(const SpawnRequest& request, const std::vector<std::string>& environment) {
  const auto is_cut = [](const std::string& word) { return word.find('\0') != std::string::npos; };
  if (std::ranges::any_of(request.argv, is_cut) || std::ranges::any_of(environment, is_cut))
    return fail(ErrorCode::invalid,
                "cannot start " + text::printable(request.argv.front()) + ": a zero byte is in its arguments or its environment");
  std::string bytes = request.cwd + '\0';
  for (const std::string& word : request.argv) bytes += word + '\0';
  for (const std::string& variable : environment) bytes += variable + '\0';
  Fd file(::memfd_create("order", MFD_CLOEXEC));
  if (!file) return fail_start("cannot hand a program to its guard", errno);
  for (std::size_t put = 0; put < bytes.size();) {
    const ssize_t now = ::write(file.get(), bytes.data() + put, bytes.size() - put);
    if (now < 0 && errno != EINTR) return fail_start("cannot hand a program to its guard", errno);
    if (now > 0) put += static_cast<std::size_t>(now);
  }
  return file;
}

}  // namespace

Guard::~Guard() { clear(); }

void Guard::clear() {
  if (pid_ == 0) return;
  ::shutdown(channel_->socket.get(), SHUT_RDWR);  // its child may hold it, too
  channel_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
}

Result<> Guard::begin() {
  if (channel_ && !channel_->is_broken) return {};
  clear();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail_start("cannot start a guard", errno);
  auto channel = std::make_shared<Channel>();
  channel->socket = Fd(ends[0]);
  const Fd theirs(ends[1]);
  std::vector<std::string> words = {baton_, k_guard_verb}, environment = environment_of({});
  std::vector<char*> argv = pointers_to(words), variables = pointers_to(environment);
  const int error = launch({argv.data(), variables.data(), "/", theirs.get(), STDERR_FILENO, STDERR_FILENO}, pid_);
  if (error != 0) return fail_start("cannot start a guard", error);
  channel_ = std::move(channel);
  return {};
}

Result<pid_t> Guard::order(const SpawnRequest& request, const Streams& theirs) {
  const std::vector<std::string> environment = environment_of(request);
  TRY_VALUE(const Fd file, file_of(request, environment));
  GuardOrder order;
  order.starts_services = request.starts_services;
  order.arguments = static_cast<std::uint32_t>(request.argv.size());
  order.variables = static_cast<std::uint32_t>(environment.size());
  const int errors = request.joined ? theirs.output.get() : theirs.error_output.get();
  const std::array<int, k_order_descriptors> descriptors = {file.get(), theirs.input.get(), theirs.output.get(), errors};
  channel_->is_broken = !send_order(channel_->socket.get(), order, &descriptors);
  if (channel_->is_broken) return 0;
  const auto reply = channel_->receive(0);
  const std::string failure = "cannot start " + text::printable(request.argv.front());
  if (!reply) return fail(ErrorCode::io, failure + ": its guard has ended");  // it may run: not again
  if (reply->kind == GuardReply::Kind::started) return reply->number;
  TRY(check_startable(request));  // which can say more
  auto failed = fail_start(failure, reply->number);
  if (failed.value().code == ErrorCode::io) failed.value().code = ErrorCode::refused;  // no other try changes it
  return failed;
}

Result<Process> Guard::run(const SpawnRequest& request) {
  TRY_VALUE(StreamPairs pipes, open_streams(request.joined));
  for (int tries = 0; tries < 2; ++tries) {  // somebody may have killed the one that was there
    TRY(begin());
    TRY_VALUE(const pid_t pid, order(request, pipes.theirs));
    if (pid != 0) return Process::adopt(std::make_unique<GuardedChild>(channel_, pid), std::move(pipes.ours), request);
  }
  return fail(ErrorCode::io, "the guard that has to start " + text::printable(request.argv.front()) + " ends at once");
}

}  // namespace baton::platform
