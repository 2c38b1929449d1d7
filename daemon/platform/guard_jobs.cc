// The guard's own side. All it knows is one program and what descends from itself.
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

#include "platform/guard.h"
#include "platform/guard_channel.h"
#include "platform/loop.h"
#include "platform/process_table.h"
#include "platform/spawn.h"

namespace baton::platform {
namespace {

constexpr int k_socket = STDIN_FILENO;
constexpr int k_misused = 125;              // as env(1) has it
constexpr long k_look_ns = 2'000'000;       // until what was killed has ended
constexpr std::int64_t k_limit_ms = 2'000;  // what has not ended by then sleeps in the kernel

/// Whose parent ends has this process as its parent then, whatever group or session it is in: none can be missed, nor its number
/// be another's before it was waited for. False: somebody is left, who cannot be ended or may not be (another user's).
bool end_descendants() {
  const pid_t self = ::getpid();
  const std::int64_t limit = now().mono_ms + k_limit_ms;
  do {
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0) continue;
    if (ended < 0 && errno == ECHILD) return true;
    bool may_any = false;
    const ProcessTable all = ProcessTable::read();
    for (const ProcessRow* each : all.descendants_of(self).members)
      if (each->parent == self) may_any = ::kill(each->pid, SIGKILL) == 0 || errno != EPERM || may_any;
    if (!may_any) return false;
    const timespec pause = {0, k_look_ns};
    ::nanosleep(&pause, nullptr);
  } while (now().mono_ms < limit);
  return false;
}

/// The program is looked for where its own environment says.
void take_path(const std::vector<char*>& environment) {
  constexpr std::string_view k_name = "PATH=";
  for (const char* variable : environment)
    if (variable != nullptr && std::string_view(variable).starts_with(k_name))
      return static_cast<void>(::setenv("PATH", variable + k_name.size(), 1));
  ::unsetenv("PATH");  // not that of the program before it
}

/// The file of an order in memory, and pointers into it.
class Words {
 public:
  explicit Words(const Fd& file) {
    struct ::stat raw {};
    if (::fstat(file.get(), &raw) != 0 || raw.st_size == 0) return;
    size_ = static_cast<std::size_t>(raw.st_size);
    void* mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
    at_ = bytes_ = mapped == MAP_FAILED ? nullptr : static_cast<char*>(mapped);
  }
  ~Words() {
    if (bytes_ != nullptr) ::munmap(bytes_, size_);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  explicit operator bool() const { return bytes_ != nullptr; }
  char* next() {
    char* word = at_;
    at_ += std::strlen(word) + 1;
    return word;
  }
  std::vector<char*> next(std::uint32_t count) {
    std::vector<char*> words;
    words.reserve(count + 1);
    for (std::uint32_t i = 0; i < count; ++i) words.push_back(next());
    words.push_back(nullptr);
    return words;
  }

 private:
  std::size_t size_ = 0;
  char* bytes_ = nullptr;
  char* at_ = nullptr;
};

class Jobs {
 public:
  Jobs() {
    sigset_t all;
    sigfillset(&all);  // nobody means this process
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    children_ = Fd(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!children_) std::_Exit(k_misused);
  }

  void serve() {
    for (;;) {
      pollfd waited[] = {{k_socket, POLLIN, 0}, {children_.get(), POLLIN, 0}};
      ::poll(waited, std::size(waited), -1);
      if (waited[1].revents != 0) reap();
      if (waited[0].revents != 0 && !obey()) return;
    }
  }

 private:
  static void reply(GuardReply::Kind kind, int number, bool signalled = false) {
    const GuardReply reply{kind, signalled, number};
    static_cast<void>(::send(k_socket, &reply, sizeof reply, MSG_NOSIGNAL));  // who has gone shows in obey()
  }

  bool obey() {
    OrderDescriptors descriptors;
    const auto order = receive_order(k_socket, descriptors);
    if (!order) return false;
    if (order->kind == GuardOrder::Kind::start)
      start(*order, descriptors);
    else if (program_ != 0)
      signal(order->signal);
    return true;
  }

  void start(const GuardOrder& order, const OrderDescriptors& descriptors) {
    Words words(descriptors[0]);
    if (!words) return reply(GuardReply::Kind::refused, ENOMEM);
    const char* cwd = words.next();
    std::vector<char*> argv = words.next(order.arguments), environment = words.next(order.variables);
    take_path(environment);
    starts_services_ = order.starts_services;
    const int error = launch(
        {argv.data(), environment.data(), cwd, descriptors[1].get(), descriptors[2].get(), descriptors[3].get()}, program_);
    if (error == 0) return reply(GuardReply::Kind::started, program_);
    program_ = 0;
    reply(GuardReply::Kind::refused, error);
  }

  void signal(int number) const {
    ::kill(-program_, number);
    if (::getpgid(program_) != program_) ::kill(program_, number);
  }

  /// As long as the program was not waited for, nobody else has its number.
  void reap() {
    signalfd_siginfo ignored;
    while (::read(children_.get(), &ignored, sizeof ignored) > 0) continue;
    for (;;) {
      siginfo_t ended{};
      if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
      if (ended.si_pid == program_) ::kill(-program_, SIGKILL);
      ::waitpid(ended.si_pid, nullptr, 0);
      if (ended.si_pid != program_) continue;
      program_ = 0;
      const bool all_ended = starts_services_ || end_descendants();
      reply(GuardReply::Kind::ended, ended.si_status, ended.si_code != CLD_EXITED);
      if (!all_ended) std::_Exit(0);  // who is left would take as long after each program: the next one gets another guard
    }
  }

  Fd children_;
  pid_t program_ = 0;
  bool starts_services_ = false;
};

}  // namespace

void guard_jobs() {
  int kind = 0;
  socklen_t size = sizeof kind;
  if (::getsockopt(k_socket, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || kind != SOCK_SEQPACKET) {
    std::fprintf(stderr, "baton %s: this is started by `baton work` alone: its standard input has to be a socket\n",
                 k_guard_verb);
    std::_Exit(k_misused);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // lowering a limit of one's own is always allowed
  Jobs().serve();
  end_descendants();
  std::_Exit(0);
}

}  // namespace baton::platform
