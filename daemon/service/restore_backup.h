// `baton restore`: a backup of the journal takes the journal's place, while no daemon runs.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace baton::service {

struct RestoreOrder {
  std::string coordination;  // absolute path of the coordination folder
  std::string state_dir;     // absolute: where its journal lies
  std::string file;          // absolute: the backup
};

struct Restored {
  std::string kept;            // folder that holds the journal as it was; empty: there was none
  std::size_t live_tasks = 0;  // in the journal as it is now
  std::int64_t last_seq = 0;   // the feed goes on behind this
};

/// The journal as it was is kept. The next start goes on as after a reboot, and the numbers of the feed go on where they are.
/// refused: a daemon runs. invalid: the file is no backup, is damaged, or of a newer version. not_found. With any error the
/// journal stands as it was.
Result<Restored> restore_backup(const RestoreOrder& order);

}  // namespace baton::service
