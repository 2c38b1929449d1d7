// Moving files aside: never over another one, and into a folder that is made anew when somebody removed it.
#pragma once

#include <string>

#include "platform/files.h"

namespace baton::service {

std::string folder_of(const std::string& path);  // "" for a name alone
std::string name_of(const std::string& path);

/// gone: certainly nothing there. unknown: it cannot be looked at now, which says nothing.
enum class Presence { there, gone, unknown };
Presence presence(platform::Files& files, const std::string& path);

/// With parents. A master's own folder is the user's: one that was removed does not come back by that (not_found).
Result<> make_folder(platform::Files& files, const std::string& folder);
/// As Files::rename without replacing.
Result<> move_to(platform::Files& files, const std::string& from, const std::string& to);
/// As Files::write.
Result<platform::Stat> write_to(platform::Files& files, const std::string& path, std::string_view bytes);

inline constexpr int k_max_names = 10'000;  // NAME.1 … tried for a free name
/// NAME, then NAME.1, NAME.2 …; a number leaves room for the ending of a reason file, and NAME is cut where it must be.
std::string numbered(const std::string& name, int n);
/// Into `folder` as the first of these that is free. not_found: there is nothing at `from`.
Result<std::string> move_to_free_name(platform::Files& files, const std::string& from, const std::string& folder,
                                      const std::string& name);

}  // namespace baton::service
