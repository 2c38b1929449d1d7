// One claimed handoff from the agent's start to the result: worktree, prompt, worker spec, heartbeats, merge, answer, clean-up.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "front/claiming.h"
#include "front/work/workshop.h"
#include "platform/guard.h"

namespace baton::front {

struct AttemptEnd {
  enum class How { completed, failed, withdrawn, given_back };
  How how = How::failed;
  Assignment job;
  std::string message;                     // for people
  bool may_go_later = false;               // given_back: for something that is short, or taken, at the moment
  std::int64_t took_ms = 0;                // from the claim to the clean-up
  std::optional<HandedIn> handed_in = {};  // completed, failed: whether its answer counts is not known yet
};

/// Waits until the answer is filed, if that is not known yet: the message says what keeps it from counting.
void learn_what_became(const Folder& folder, AttemptEnd& end);

/// Blocks until it is over. `stop`: once true, the agent is ended and the handoff given back, which uses no attempt. `say`: a
/// line for people, now and then. Nothing runs under `guard` before or afterwards.
AttemptEnd work_on(const Workshop& workshop, const Claimed& claimed, platform::Guard& guard, const std::atomic<bool>& stop,
                   const std::function<void(const std::string&)>& say);

}  // namespace baton::front
