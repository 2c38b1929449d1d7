#include "service/trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "protocol/checkpoint.h"

namespace baton::service {

namespace {

bool is_shared(const platform::Stat& folder) { return (folder.mode & (S_IWGRP | S_IWOTH)) != 0; }

/// Where the folder lets nobody in, the modes of what lies in it mean nothing (a umask of 002 is common).
bool others_may_write(const platform::Stat& folder, const platform::Stat& file) {
  const bool group = (folder.mode & S_IXGRP) != 0 && (file.mode & S_IWGRP) != 0;
  const bool all = (folder.mode & S_IXOTH) != 0 && (file.mode & S_IWOTH) != 0;
  return group || all;
}

/// Why not; empty: it may.
std::string distrust(const platform::Stat& folder, const platform::Stat& file) {
  if (is_shared(folder)) return "the coordination folder is shared";
  if (file.uid != ::geteuid() && file.uid != 0) return "the file belongs to the user " + std::to_string(file.uid);
  if (others_may_write(folder, file)) return "others may write the file, too";
  return "";
}

}  // namespace

Result<> trust_commands(platform::Files& files, const platform::Stat& file, const protocol::TaskIn& task) {
  const std::string pointer = protocol::commands_of(task.spec);
  if (pointer.empty()) return {};
  TRY_VALUE(const platform::Stat folder, files.stat(""));
  const std::string why = distrust(folder, file);
  if (why.empty()) return {};
  return fail(ErrorCode::invalid, "these commands are not run: " + why,
              "name one of the checkpoints in orchestrator/config.json, or give the criterion in words", {pointer, 0, 0});
}

}  // namespace baton::service
