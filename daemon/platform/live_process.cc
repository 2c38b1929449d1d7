#include "platform/live_process.h"

#include <poll.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

#include "platform/loop.h"
#include "platform/pidfd.h"
#include "platform/spawn.h"

namespace baton::platform {
namespace {

constexpr int k_longest_line = 256;  // of ancestors; a chain that is read while it changes may go in circles

std::string the_process(pid_t pid) { return "the process " + std::to_string(pid); }

tl::unexpected<Error> has_exited(pid_t pid) { return fail(ErrorCode::not_found, the_process(pid) + " has exited"); }

tl::unexpected<Error> is_another(pid_t pid, const char* why) {
  return fail(ErrorCode::not_found, the_process(pid) + " is another one by now: " + why);
}

bool is_readable(int fd) {
  pollfd look = {fd, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1 && look.revents != 0;
}

Result<> check_number(pid_t pid) {
  if (pid <= 1) return fail(ErrorCode::invalid, std::to_string(pid) + " is no pid that a worker can have");
  if (pid == ::getpid()) return fail(ErrorCode::refused, the_process(pid) + " is this program itself");
  return {};
}

// Whoever started after this program is none of its ancestors; that spares nearly everybody the walk.
Result<> check_kinship(const ProcessRow& row) {
  static const auto k_self = read_process(::getpid());
  const bool younger = k_self && row.start_ticks > k_self->start_ticks;
  if (younger || kinship(row.pid) != Kinship::ancestor) return {};
  return fail(ErrorCode::refused, the_process(row.pid) + " is one that this program descends from");
}

Result<Fd> hold(pid_t pid) {
  Fd pidfd = open_pidfd(pid);
  if (pidfd) return pidfd;
  const int error_number = errno;
  if (error_number == ESRCH) return has_exited(pid);
  if (const auto owner = read_process_owner(pid); owner && owner->is_thread)
    return fail(ErrorCode::invalid, std::to_string(pid) + " is a thread of another process, not a process");
  return fail_start("cannot watch " + the_process(pid), error_number);
}

}  // namespace

Kinship kinship(pid_t pid) {
  if (pid == ::getpid()) return Kinship::self;
  pid_t above = ::getppid();
  for (int i = 0; i < k_longest_line && above > 0; ++i) {
    if (above == pid) return Kinship::ancestor;
    const auto row = read_process(above);
    above = row ? row->parent : 0;
  }
  return Kinship::stranger;
}

LiveProcess::LiveProcess(Fd pidfd, ProcessRow row, ProcessOwner owner, std::string boot_id)
    : pidfd_(std::move(pidfd)), row_(std::move(row)), owner_(owner), identity_{row_.pid, row_.start_ticks, std::move(boot_id)} {}

// The pidfd may be that of a process that took the number after the first look. It has not exited after the second look, so the
// second look was at the very process that is held; if both looks saw the same start, so was the first.
Result<LiveProcess> LiveProcess::open(pid_t pid) {
  TRY(check_number(pid));
  TRY_VALUE(const ProcessRow before, read_process(pid));
  TRY_VALUE(Fd pidfd, hold(pid));
  TRY_VALUE(ProcessRow row, read_process(pid));
  TRY_VALUE(const ProcessOwner owner, read_process_owner(pid));
  if (is_readable(pidfd.get())) return has_exited(pid);
  if (row.start_ticks != before.start_ticks) return is_another(pid, "it started while it was looked at");
  TRY(check_kinship(row));
  TRY_VALUE(std::string boot, boot_id());
  return LiveProcess(std::move(pidfd), std::move(row), owner, std::move(boot));
}

Result<LiveProcess> LiveProcess::open(const ProcessIdentity& expected) {
  TRY_VALUE(const std::string boot, boot_id());
  if (boot != expected.boot_id) return is_another(expected.pid, "the machine was started again since");
  TRY_VALUE(LiveProcess found, open(expected.pid));
  if (found.identity_ != expected) return is_another(expected.pid, "it started at another time");
  return found;
}

bool LiveProcess::is_of_this_user() const { return owner_.real_uid == ::geteuid() && owner_.effective_uid == ::geteuid(); }

bool LiveProcess::exited() const { return is_readable(pidfd_.get()); }

Result<> LiveProcess::signal(int number) const {
  if (signal_pidfd(pidfd_.get(), number) == 0) return {};
  if (errno == ESRCH) return has_exited(pid());
  if (errno == EPERM) return fail(ErrorCode::refused, "not permitted to signal " + the_process(pid()));
  return fail_errno("cannot signal " + the_process(pid()), errno);
}

}  // namespace baton::platform
