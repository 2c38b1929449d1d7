// Files where the ground gives way: a full or read-only filesystem, and kernels and filesystems that lack a call.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sched.h>
#include <cerrno>
#include <cstddef>
#include <functional>

#include "platform/files_at.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

namespace {

// Runs `body` in a child, as what it does to itself cannot be undone. The child's answer: 0 = all held, else the number of the
// first check that did not; k_skipped = the machine does not allow it.
constexpr int k_skipped = 99;
int in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int first_false(std::initializer_list<bool> checks) {
  int number = 0;
  for (const bool check : checks) {
    ++number;
    if (!check) return number;
  }
  return 0;
}

template <class T>
bool fails_with(const Result<T>& result, ErrorCode code) {
  return !result && result.error().code == code;
}

bool mount_small(const std::string& at, unsigned long flags) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", at.c_str(), "tmpfs", flags, "size=64k,mode=0700") == 0;
}

int full_disk(const std::string& root) {
  if (!mount_small(root, 0)) return k_skipped;
  const auto files = open_files(root, 0600, 0700).value();
  const std::string big(1 << 20, 'x');
  const bool refused = fails_with(files->write("big", big), ErrorCode::no_space);
  const bool nothing_left = files->list("")->empty();
  const auto torn = files->append("feed", big);
  const bool short_append = torn && torn->written > 0 && torn->written < (1 << 20);
  const bool said = short_append && files->stat("feed")->identity.size == torn->written;
  const bool append_refused = fails_with(files->append("feed", big), ErrorCode::no_space);
  const bool removed = files->remove("feed").has_value();
  return first_false({refused, nothing_left, short_append, said, append_refused, removed, files->write("a", "x").has_value()});
}

int read_only(const std::string& root) {
  if (!mount_small(root, MS_RDONLY)) return k_skipped;
  const auto files = open_files(root, 0600, 0700).value();
  return first_false({fails_with(files->write("a", "x"), ErrorCode::no_space),
                      fails_with(files->append("a", "x"), ErrorCode::no_space),
                      fails_with(files->make_folder("d"), ErrorCode::no_space),
                      fails_with(files->symlink("a", "l"), ErrorCode::no_space), files->list("").has_value()});
}

// From now on `call` answers `error` when its argument `argument` is not 0 (-1: always).
bool forbid(unsigned call, int argument, unsigned error) {
  constexpr unsigned size = 4;
  const auto offset = static_cast<unsigned>(offsetof(seccomp_data, args)) + static_cast<unsigned>(argument) * 8U;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offsetof(seccomp_data, nr))),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
      argument < 0 ? sock_filter BPF_STMT(BPF_LD | BPF_IMM, 1U) : sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  static_assert(sizeof code / sizeof code[0] == size + 2);
  const sock_fprog program = {size + 2, code};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

constexpr int k_rename_flags = 4;  // the fifth argument of renameat2

int rename_checks(const std::string& root) {
  const auto files = open_files(root, 0600, 0700).value();
  const bool ready = files->write("a", "1") && files->write("b", "2");
  const bool refused = fails_with(files->rename("a", "b", Replace::no), ErrorCode::refused);
  const bool moved = files->rename("a", "c", Replace::no).has_value();
  const bool once = fails_with(files->stat("a"), ErrorCode::not_found) && files->read("c", 9)->bytes == "1";
  const bool replaced = files->rename("c", "b", Replace::yes).has_value() && files->read("b", 9)->bytes == "1";
  const bool no_exchange = files->write("d", "4") && fails_with(files->exchange("b", "d"), ErrorCode::refused);
  return first_false({ready, refused, moved, once, replaced, no_exchange});
}

}  // namespace

#define CHECK_IN_CHILD(body)                           \
  do {                                                 \
    const int answer = in_child([&] { return body; }); \
    if (answer == k_skipped)                           \
      MESSAGE("skipped: not allowed here");            \
    else                                               \
      CHECK(answer == 0);                              \
  } while (false)

TEST_CASE("a full disk: no_space, nothing half-written, a short append is told") {
  const test::TempFolder folder;
  CHECK_IN_CHILD(full_disk(folder.path()));
}

TEST_CASE("a read-only filesystem is no_space for whoever writes") {
  const test::TempFolder folder;
  CHECK_IN_CHILD(read_only(folder.path()));
}

TEST_CASE("without rename flags (NFS, some FUSE): no-replace by link, no exchange") {
  const test::TempFolder folder;
  for (const unsigned error : {EINVAL, ENOSYS}) {
    CAPTURE(error);
    CHECK_IN_CHILD(forbid(SYS_renameat2, k_rename_flags, error) ? rename_checks(folder.path()) : k_skipped);
    std::filesystem::remove(folder / "b");
    std::filesystem::remove(folder / "d");
  }
}

TEST_CASE("without rename flags and links: look, then rename") {
  const test::TempFolder folder;
  CHECK_IN_CHILD(forbid(SYS_renameat2, k_rename_flags, EINVAL) && forbid(SYS_linkat, -1, EPERM) ? rename_checks(folder.path())
                                                                                                : k_skipped);
}

TEST_CASE("without symlinks: refused") {
  const test::TempFolder folder;
  CHECK_IN_CHILD(
      forbid(SYS_symlinkat, -1, EPERM)
          ? first_false({fails_with(open_files(folder.path(), 0600, 0700).value()->symlink("a", "l"), ErrorCode::refused)})
          : k_skipped);
}

TEST_CASE("a kernel without openat2 is said at the start") {
  const test::TempFolder folder;
  CHECK_IN_CHILD(forbid(SYS_openat2, -1, ENOSYS)
                     ? first_false({open_files(folder.path(), 0600, 0700).error().hint == "Linux 5.6 or newer is needed"})
                     : k_skipped);
}
