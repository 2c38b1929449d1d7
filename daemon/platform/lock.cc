#include "platform/lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "platform/beneath.h"

namespace baton::platform {
namespace {

// Whoever removes the file between our open and our lock loses a race this often at most.
constexpr int k_take_attempts = 8;
constexpr std::chrono::milliseconds k_release_look{2};

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

// 0: somebody took the lock and has not written who it is.
pid_t written_pid(int fd) {
  char text[16] = {};
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  pid_t pid = 0;
  if (got > 0) std::from_chars(text, text + got, pid);
  return pid;
}

tl::unexpected<Error> held(const std::string& path, pid_t pid) {
  const std::string who = pid > 0 ? "the process " + std::to_string(pid) : std::string("another process");
  return fail(ErrorCode::refused, "cannot lock " + path + ": " + who + " holds it");
}

bool still_named(int fd, const std::string& path) {
  struct ::stat open_file {};
  struct ::stat named {};
  return ::fstat(fd, &open_file) == 0 && ::lstat(path.c_str(), &named) == 0 && open_file.st_ino == named.st_ino &&
         open_file.st_dev == named.st_dev;
}

Result<Fd> open_lock_file(const std::string& path, unsigned mode) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode));
  if (!fd) return fail_path("lock", path, errno);
  struct ::stat raw {};
  if (::fstat(fd.get(), &raw) != 0) return fail_path("lock", path, errno);
  if (!S_ISREG(raw.st_mode)) return fail_path("lock", path, ENXIO);
  return fd;
}

Result<> write_pid(int fd, const std::string& path, unsigned mode) {
  const std::string text = std::to_string(::getpid()) + "\n";
  const auto length = static_cast<off_t>(text.size());
  (void)::fchmod(fd, mode);  // of a file that is another user's: the lock holds all the same
  if (::pwrite(fd, text.data(), text.size(), 0) != length) return fail_path("write", path, errno);
  if (::ftruncate(fd, length) != 0) return fail_path("write", path, errno);
  return {};
}

}  // namespace

Result<Lock> Lock::take(const std::string& path, unsigned mode) { return obtain(path, mode, F_OFD_SETLK); }
Result<Lock> Lock::wait(const std::string& path, unsigned mode) { return obtain(path, mode, F_OFD_SETLKW); }

Result<Lock> Lock::obtain(const std::string& path, unsigned mode, int command) {
  for (int attempt = 0; attempt < k_take_attempts; ++attempt) {
    TRY_VALUE(Fd fd, open_lock_file(path, mode));
    struct flock range = whole_file(F_WRLCK);
    int locked = ::fcntl(fd.get(), command, &range);
    while (locked != 0 && errno == EINTR) locked = ::fcntl(fd.get(), command, &range);
    if (locked != 0) {
      if (errno == EAGAIN || errno == EACCES) return held(path, written_pid(fd.get()));
      return fail_path("lock", path, errno);
    }
    if (!still_named(fd.get(), path)) continue;  // removed in between: others would lock another file
    TRY(write_pid(fd.get(), path, mode));
    return Lock(std::move(fd));
  }
  return fail_path(ErrorCode::refused, "lock", path, "somebody keeps removing it");
}

bool Lock::is_at(const std::string& path) const { return still_named(fd_.get(), path); }

std::optional<pid_t> lock_holder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct flock range = whole_file(F_WRLCK);
  if (!fd || ::fcntl(fd.get(), F_OFD_GETLK, &range) != 0 || range.l_type == F_UNLCK) return std::nullopt;
  return written_pid(fd.get());
}

bool wait_for_release(const std::string& path, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (; lock_holder(path); std::this_thread::sleep_for(k_release_look))
    if (std::chrono::steady_clock::now() >= end) return false;
  return true;
}

std::optional<bool> no_writer(int dir_fd, const std::string& path) {
  const Fd fd = open_beneath(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  // Who opens the file for writing while the lease stands breaks it, which signals us: SIGURG is ignored unless somebody asks for
  // it.
  if (!fd || ::fcntl(fd.get(), F_SETSIG, SIGURG) != 0) return std::nullopt;
  if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd.get(), F_SETLEASE, F_UNLCK);
    return true;
  }
  if (errno == EAGAIN) return false;
  return std::nullopt;
}

}  // namespace baton::platform
