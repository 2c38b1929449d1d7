#include "service/working_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/text.h"

namespace baton::service {

namespace fs = std::filesystem;

Result<std::string> working_folder(const std::string& workspace, const std::string& cwd) {
  std::error_code failed;
  const fs::path root = fs::canonical(workspace, failed);
  if (failed) return fail(ErrorCode::not_found, "the workspace " + workspace + " is not there: " + failed.message());
  const fs::path folder = fs::canonical(root / cwd, failed);
  if (failed)
    return fail(ErrorCode::not_found, "the working folder " + text::printable(cwd) + " is not there: " + failed.message());
  const auto [rest, unused] = std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
  if (rest != root.end())
    return fail(ErrorCode::refused, "the working folder " + text::printable(cwd) + " leads out of the workspace");
  return folder.string();
}

}  // namespace baton::service
