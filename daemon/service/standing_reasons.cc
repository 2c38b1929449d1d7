#include "service/standing_reasons.h"

#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/filing.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
std::string beside(const std::string& path) { return paths::join(folder_of(path), paths::error_name(name_of(path))); }
}  // namespace

void StandingReasons::refused(const std::string& path, const Error& error, std::int64_t wall_ms) {
  if (error.code != ErrorCode::invalid) return;
  clear_.erase(path);
  const std::string hidden = paths::join(folder_of(path), ".baton-" + paths::error_name(name_of(path)));
  const auto written = files_.write(hidden, protocol::write_reason(name_of(path), error, wall_ms));
  const auto placed =
      written ? files_.rename(hidden, beside(path), platform::Replace::yes) : Result<>(tl::make_unexpected(written.error()));
  if (!placed) log::warn({"cannot write ", beside(path), ": ", placed.error().message});
}

void StandingReasons::sound(const std::string& path) {
  if (clear_.contains(path)) return;
  if (const auto removed = files_.remove(beside(path)); !removed)
    return log::warn({"cannot remove ", beside(path), ": ", removed.error().message});
  clear_.insert(path);
}

}  // namespace baton::service
