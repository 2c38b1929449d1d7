#include "service/aside.h"

#include "service/filing.h"
#include "service/log.h"

namespace baton::service {

Result<> set_aside_unless_file(World& world, const std::string& path) {
  const auto stands = world.files.stat(path);
  if (!stands && stands.error().code == ErrorCode::not_found) return {};
  if (!stands) return tl::make_unexpected(stands.error());
  if (stands->type == platform::FileType::regular) return {};
  TRY_VALUE(const std::string free, move_to_free_name(world.files, path, folder_of(path), name_of(path) + ".aside"));
  log::warn({path, " was no regular file: it is ", free, " now"});
  world.remarks.say(
      {"document_rejected", "", "", "", {{"path", path}, {"reason", "it was no regular file: it was moved to " + free}}});
  return {};
}

}  // namespace baton::service
