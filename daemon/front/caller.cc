#include "front/caller.h"

#include <unistd.h>

#include "platform/pidfd.h"

namespace baton::front {

// No PR_SET_PDEATHSIG: that signal comes when the thread ends that happened to start this process. Where the parent ended before
// its pidfd was open, or is in another pid namespace (its number is 0), there is nothing to be watched; left() sees the former
// all the same.
Caller::Caller(int out) : parent_(::getppid()), pidfd_(platform::open_pidfd(parent_)), out_(out) {}

Caller Caller::reader_of(int out) {
  Caller reader;
  reader.out_ = out;
  return reader;
}

bool Caller::left() const { return parent_ != -1 && ::getppid() != parent_; }

bool Caller::gone() const {
  if (left()) return true;
  std::array<pollfd, 2> descriptors = watched();
  return ::poll(descriptors.data(), descriptors.size(), 0) > 0;
}

// An end of a pipe that nobody reads is told unasked (POLLERR, POLLHUP).
std::array<pollfd, 2> Caller::watched() const {
  return {pollfd{.fd = pidfd_.get(), .events = POLLIN, .revents = 0}, pollfd{.fd = out_, .events = 0, .revents = 0}};
}

}  // namespace baton::front
