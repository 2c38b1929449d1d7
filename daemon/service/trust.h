// Whose documents may bring commands that the daemon runs as its own user. docs/protocol.md, "Checkpoints".
#pragma once

#include "base/result.h"
#include "platform/files.h"
#include "protocol/readers.h"

namespace baton::service {

/// Refuses a task with commands unless the coordination folder is of the own set-up and `file`, in which it stands, belongs to
/// the daemon's user or root and nobody else could have written into it. place.pointer of the error counts from the task, with
/// the names of the schema.
Result<> trust_commands(platform::Files& files, const platform::Stat& file, const protocol::TaskIn& task);

}  // namespace baton::service
