#include "service/filing.h"

#include <algorithm>

#include "protocol/paths.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_numbered_max = 255 - std::string_view(".error.json").size();  // bytes of a name with its number
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Presence presence(platform::Files& files, const std::string& path) {
  const auto stat = files.stat(path);
  if (stat) return Presence::there;
  return stat.error().code == ErrorCode::not_found ? Presence::gone : Presence::unknown;
}

Result<> make_folder(platform::Files& files, const std::string& folder) {
  const std::string masters = std::string(protocol::paths::k_masters) + "/";
  if (!folder.starts_with(masters)) return files.make_folder(folder);
  return files.make_folder_within(folder.substr(0, folder.find('/', masters.size())), folder);
}

Result<> move_to(platform::Files& files, const std::string& from, const std::string& to) {
  auto moved = files.rename(from, to, platform::Replace::no);
  if (moved || moved.error().code != ErrorCode::not_found || presence(files, folder_of(to)) != Presence::gone) return moved;
  if (presence(files, from) == Presence::gone) return moved;
  TRY(make_folder(files, folder_of(to)));
  return files.rename(from, to, platform::Replace::no);
}

Result<platform::Stat> write_to(platform::Files& files, const std::string& path, std::string_view bytes) {
  auto written = files.write(path, bytes);
  if (written || written.error().code != ErrorCode::not_found) return written;
  TRY(make_folder(files, folder_of(path)));
  return files.write(path, bytes);
}

std::string numbered(const std::string& name, int n) {
  if (n == 0) return name;
  const std::string ending = "." + std::to_string(n);
  std::size_t length = std::min(name.size(), k_numbered_max - ending.size());
  const auto continues = [&name](std::size_t at) {
    return at < name.size() && (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80U;
  };
  for (int back = 0; back < 3 && continues(length); ++back) --length;  // never half a UTF-8 character
  return name.substr(0, length) + ending;
}

Result<std::string> move_to_free_name(platform::Files& files, const std::string& from, const std::string& folder,
                                      const std::string& name) {
  for (int n = 0; n <= k_max_names; ++n) {
    const std::string target = paths::join(folder, numbered(name, n));
    const auto moved = move_to(files, from, target);
    if (moved) return target;
    if (moved.error().code != ErrorCode::refused) return tl::make_unexpected(moved.error());
  }
  return fail(ErrorCode::refused, "every name for " + name + " in " + folder + " is taken");
}

}  // namespace baton::service
