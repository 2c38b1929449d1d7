// The file that a worker's output goes to: only its size counts, which grows while the worker is at work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/world.h"

namespace baton::service {

/// `worktree`, `output_file`: as the worker's spec has them. A relative path is looked for in the worktree, then in the
/// workspace; an absolute one counts beneath either. Nothing: no such file, or one that this program itself writes.
std::optional<std::int64_t> output_bytes(const World& world, const std::string& worktree, const std::string& output_file);

}  // namespace baton::service
