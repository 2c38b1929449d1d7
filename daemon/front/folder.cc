#include "front/folder.h"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/ids.h"
#include "front/random.h"
#include "platform/files_at.h"
#include "platform/lock.h"
#include "protocol/config.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

Result<std::string> nearest_upwards() {
  std::error_code error;
  const fs::path start = fs::current_path(error);
  if (error) return fail(ErrorCode::io, "cannot tell the working directory: " + error.message());
  for (fs::path at = start;; at = at.parent_path()) {
    if (is_folder(at / "coordination" / "orchestrator")) return (at / "coordination").string();
    // Inside the coordination folder itself.
    if (at.filename() == "coordination" && is_folder(at / "orchestrator")) return at.string();
    if (at == at.parent_path()) break;
  }
  return fail(ErrorCode::not_found, "no coordination folder here or above " + start.string(), "make one with: baton init");
}

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) return path;
  return absolute.has_filename() || absolute == absolute.root_path() ? absolute.string() : absolute.parent_path().string();
}

Folder::Folder(std::string root, bool shared, std::unique_ptr<platform::Files> files)
    : root_(std::move(root)), shared_(shared), files_(std::move(files)) {}

Result<Folder> Folder::find(const Globals& globals) {
  if (!globals.coordination.empty()) return open(globals.coordination);
  const char* variable = std::getenv("BATON_COORDINATION");
  if (variable != nullptr && *variable != '\0') return open(variable);
  TRY_VALUE(const std::string root, nearest_upwards());
  return open(root);
}

Result<Folder> Folder::open(const std::string& root) {
  const std::string absolute = absolute_path(root);
  struct stat status {};
  if (::stat(absolute.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(ErrorCode::not_found, "there is no coordination folder " + absolute, "make one with: baton init");
  const bool shared = (status.st_mode & S_IWGRP) != 0;
  TRY_VALUE(auto files, platform::open_files(absolute, shared ? 0660 : 0600, shared ? 02770 : 0700));
  return Folder(absolute, shared, std::move(files));
}

Result<std::string> Folder::read(const std::string& path) const {
  TRY_VALUE(auto content, files_->read(path, k_max_read));
  return std::move(content.bytes);
}

bool Folder::exists(const std::string& path) const { return files_->stat(path).has_value(); }

std::vector<std::string> Folder::names(const std::string& path) const {
  std::vector<std::string> names;
  if (auto entries = files_->list(path))
    for (auto& entry : *entries)
      if (!paths::is_private(entry.name)) names.push_back(std::move(entry.name));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Folder::masters() const {
  std::vector<std::string> names;
  if (auto entries = files_->list(std::string(paths::k_masters)))
    for (auto& entry : *entries)
      if (entry.type == platform::FileType::directory && is_master_name(entry.name)) names.push_back(std::move(entry.name));
  std::sort(names.begin(), names.end());
  return names;
}

Result<platform::Stat> Folder::put(const std::string& folder, const std::string& name, std::string_view bytes,
                                   platform::Replace replace) const {
  // The name may be as long as a file name can be, so the hidden one does not contain it.
  const std::string hidden = paths::join(folder, "." + std::to_string(getpid()) + "-" + random_word(8));
  TRY_VALUE(const platform::Stat stat, files_->write(hidden, bytes));
  if (auto renamed = files_->rename(hidden, paths::join(folder, name), replace); !renamed) {
    static_cast<void>(files_->remove(hidden));
    return tl::make_unexpected(std::move(renamed).error());
  }
  return stat;
}

Result<std::string> Folder::state_dir() const {
  std::string configured;
  auto bytes = read(std::string(paths::k_config));
  // Reading settings costs a schema run: only worth it when the one that matters here may be set.
  if (bytes && bytes->find("state_dir") != std::string::npos) {
    TRY_VALUE(const protocol::Config config, protocol::read_config(*bytes));
    configured = config.state_dir;
  }
  if (configured.empty()) return root_ + "/" + std::string(paths::k_state_folder);
  return configured.front() == '/' ? configured : root_ + "/" + configured;
}

std::optional<pid_t> Folder::daemon() const {
  const auto dir = state_dir();
  if (!dir) return std::nullopt;
  return platform::lock_holder(*dir + "/" + std::string(paths::k_lock_name));
}

}  // namespace baton::front
