#include "platform/fd.h"

#include <unistd.h>

namespace baton::platform {

void Fd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace baton::platform
