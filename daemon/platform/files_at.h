// Files on a real folder: openat2 beneath one directory descriptor.
#pragma once

#include <memory>
#include <string>

#include "platform/files.h"

namespace baton::platform {

/// Opens `root` (absolute). New files get `file_mode`, new folders `folder_mode`, whatever the umask.
/// not_found: no such folder. io: the kernel lacks openat2.
Result<std::unique_ptr<Files>> open_files(const std::string& root, unsigned file_mode, unsigned folder_mode);

}  // namespace baton::platform
