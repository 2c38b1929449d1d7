#include "service/aside.h"

#include "service/log.h"

namespace baton::service {

namespace {
constexpr int k_max_names = 10'000;  // .aside.1 … tried for a free name
}

Result<> set_aside_unless_file(World& world, const std::string& path) {
  const auto stands = world.files.stat(path);
  if (!stands && stands.error().code == ErrorCode::not_found) return {};
  if (!stands) return tl::make_unexpected(stands.error());
  if (stands->type == platform::FileType::regular) return {};
  std::string free = path + ".aside";
  auto moved = world.files.rename(path, free, platform::Replace::no);
  for (int n = 1; !moved && moved.error().code == ErrorCode::refused && n < k_max_names; ++n) {
    free = path + ".aside." + std::to_string(n);
    moved = world.files.rename(path, free, platform::Replace::no);
  }
  TRY(moved);
  log::warn("{} was no regular file: it is {} now", path, free);
  world.remarks.say(
      {"document_rejected", "", "", "", {{"path", path}, {"reason", "it was no regular file: it was moved to " + free}}});
  return {};
}

}  // namespace baton::service
