// Whether anything changed beneath some paths since the last look: a worker that writes is alive, whatever else it says. Bounded
// in entries and in time; symlinks are not followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::platform {

struct LookLimits {
  std::size_t entries = 20'000;
  std::int64_t ms = 100;
};

struct ChangeLook {
  static constexpr std::size_t k_part = 256;  // entries
  /// One for each k_part entries, in the order of the look, and one for the rest where no limit cut it: another one: something
  /// changed there. They do not depend on how the clock is set.
  std::vector<std::uint64_t> marks;
  std::size_t entries = 0;          // looked at
  bool whole = true;                // false: a limit was reached, or a folder could not be read
  std::string newest_path;          // changed last; empty: nothing is there
  std::int64_t newest_wall_ms = 0;  // when, as the filesystem says
  std::int64_t bytes = 0;           // of all regular files
};

/// `paths` (absolute): folders and files. One that is missing is a state like any other. What lies near is looked at first, so a
/// limit cuts off what lies deep; the limit in time, never the first k_part entries. Two looks at what does not change have the
/// same marks as far as both go.
ChangeLook look_for_changes(const std::vector<std::string>& paths, LookLimits limits = {});

/// Bytes of the regular file `path` beneath `folder` (absolute); nothing: there is none, or the way leads out or over a symlink.
std::optional<std::int64_t> size_beneath(const std::string& folder, const std::string& path);

}  // namespace baton::platform
