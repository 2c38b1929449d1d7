// The system calls for descriptors of processes, by number: <sys/pidfd.h> of some glibc versions cannot be linked from C++.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "platform/fd.h"

namespace baton::platform {

/// An empty Fd and errno when it fails.
inline Fd open_pidfd(pid_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))); }

/// 0, or -1 and errno.
inline int signal_pidfd(int pidfd, int number) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0U));
}

}  // namespace baton::platform
