#include "platform/run.h"

#include <poll.h>
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "base/time.h"
#include "platform/loop.h"

namespace baton::platform {
namespace {

void wait_for(const Process& process, std::int64_t ms) {
  std::vector<pollfd> waited;
  for (const int fd : process.fds()) waited.push_back({fd, POLLIN, 0});
  const std::int64_t longest = std::numeric_limits<int>::max();
  ::poll(waited.data(), waited.size(), static_cast<int>(std::clamp<std::int64_t>(ms, 0, longest)));
}

}  // namespace

Result<Exit> run_to_end(const SpawnRequest& request, std::int64_t limit_ms) {
  TRY_VALUE(Process process, Process::spawn(request));
  const std::int64_t end = now().boot_ms + limit_ms;
  for (;;) {
    if (std::optional<Exit> exit = process.pump()) return std::move(*exit);
    const std::int64_t left = end - now().boot_ms;
    if (left <= 0)
      return fail(ErrorCode::timed_out,
                  text::printable(request.argv.front()) + " did not end within " + format_duration(limit_ms) + " and was killed");
    wait_for(process, left);
  }
}

}  // namespace baton::platform
