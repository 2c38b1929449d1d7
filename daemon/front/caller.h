// Whoever started this program and reads what it prints; as a rule the loop of a worker. What nobody would hear of must not be
// taken from others.
#pragma once

#include <poll.h>
#include <sys/types.h>
#include <array>

#include "platform/fd.h"

namespace baton::front {

class Caller {
 public:
  /// The parent process of now. `out`: the descriptor that is printed to; -1 = none.
  explicit Caller(int out);
  /// Only whoever reads `out`: what goes on by itself may outlive the shell that started it.
  static Caller reader_of(int out);
  /// The parent has ended. The shell of a pipeline or of $(...) counts as such: it ends with the script around it.
  bool left() const;
  /// Or nobody has the other end of `out` open any more.
  bool gone() const;
  /// For poll(2): ready as soon as gone() is true.
  std::array<pollfd, 2> watched() const;

 private:
  Caller() = default;
  pid_t parent_ = -1;   // -1: it does not matter
  platform::Fd pidfd_;  // of the parent; empty where there is none to be watched
  int out_ = -1;
};

}  // namespace baton::front
