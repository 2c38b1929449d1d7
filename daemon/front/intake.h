// What the daemon makes of a file in the drop folder, at the door.
#pragma once

#include <cstdint>
#include <string>

#include "front/data.h"
#include "front/folder.h"

namespace baton::front {

enum class Intake { accepted, rejected, unanswered, deserted };  // deserted: no daemon runs

inline constexpr std::int64_t k_intake_ms = 10'000;  // a daemon that is alive takes a file within milliseconds

/// Waits for the answer to task-queue.d/`name`; unanswered: there was none within k_intake_ms. front::refusal() has the words for
/// one that was rejected.
Result<Intake> wait_for_intake(const Folder& folder, const std::string& name);

/// Hands in one task as task-queue.d/`id`.json; its plan stands when this says accepted, else it waits there. Errors, the words
/// of a refusal among them: it is not there, and nobody will take it.
Result<Intake> hand_in_task(const Folder& folder, const Data& task, const std::string& id);

}  // namespace baton::front
