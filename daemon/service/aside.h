// What stands where a file of our own belongs, and is none.
#pragma once

#include <string>

#include "service/world.h"

namespace baton::service {

/// A symlink, folder or pipe at `path` is moved to a free name beside it (<path>.aside, .aside.1, …), and told.
Result<> set_aside_unless_file(World& world, const std::string& path);

}  // namespace baton::service
