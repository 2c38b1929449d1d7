// The program at the other end of a Process's pipes, whoever its parent is: this process, or a guard.
#pragma once

#include <sys/types.h>
#include <optional>

namespace baton::platform {

struct ChildEnd {
  bool signalled = false;
  int code = 0;  // of exit, or the signal
};

class ChildHandle {
 public:
  ChildHandle() = default;
  ChildHandle(const ChildHandle&) = delete;
  ChildHandle& operator=(const ChildHandle&) = delete;
  virtual ~ChildHandle() = default;  // one that was not let go is killed with its group, and waited for

  virtual pid_t pid() const = 0;
  virtual int fd() const = 0;                  // readable from the end on
  virtual std::optional<ChildEnd> look() = 0;  // never blocks
  virtual void signal(int number) = 0;         // to its group, and to it where it has left that
  virtual void let_go() = 0;                   // after its end: nothing of its group goes on
};

}  // namespace baton::platform
