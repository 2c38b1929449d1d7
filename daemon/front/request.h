// A request to the daemon as a file, and its answer (docs/protocol.md, "Commands").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "front/data.h"
#include "front/folder.h"

namespace baton::front {

inline constexpr std::int64_t k_answer_ms = 30'000;  // a daemon that is alive answers within milliseconds

struct Answer {
  bool ok = false;
  std::string message;
  std::string bytes;  // the whole answer
};

/// Writes orchestrator/commands/<verb>-<pid>-<random>.json and waits for commands/done/<same name>. no_daemon: nobody would read
/// it (nothing is written then). timed_out: no answer; the request stands.
Result<Answer> request(const Folder& folder, std::string_view verb, Data document, std::int64_t limit_ms = k_answer_ms);

/// no_daemon with the words for it.
tl::unexpected<Error> fail_no_daemon(const Folder& folder);

}  // namespace baton::front
