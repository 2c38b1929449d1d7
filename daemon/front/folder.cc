#include "front/folder.h"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include "base/ids.h"
#include "front/locate.h"
#include "platform/files_at.h"
#include "platform/lock.h"
#include "platform/random.h"
#include "protocol/config.h"
#include "protocol/paths.h"

namespace baton::front {

namespace paths = protocol::paths;

Folder::Folder(std::string root, Inode inode, bool shared, std::unique_ptr<platform::Files> files)
    : root_(std::move(root)), inode_(inode), shared_(shared), files_(std::move(files)) {}

Result<Folder> Folder::find(const Globals& globals, Need need) {
  TRY_VALUE(const std::string root, locate(globals));
  TRY_VALUE(Folder folder, open(root));
  if (is_coordination(root)) return folder;
  const std::string below = hint_below(root);
  if (need == Need::any && below.empty()) return folder;
  return fail(ErrorCode::not_found, root + " is no coordination folder: task-queue.d/ and masters/ are missing" + below,
              below.empty() ? "make one with: baton init" : "");
}

Result<Folder> Folder::open(const std::string& root) {
  const std::string absolute = absolute_path(root);
  struct stat status {};
  if (::stat(absolute.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(ErrorCode::not_found, "there is no coordination folder " + absolute, "make one with: baton init");
  const bool shared = (status.st_mode & S_IWGRP) != 0;
  TRY_VALUE(auto files, platform::open_files(absolute, shared ? 0660 : 0600, shared ? 02770 : 0700));
  return Folder(absolute, {status.st_dev, status.st_ino}, shared, std::move(files));
}

bool Folder::stands() const {
  struct stat status {};
  return ::stat(root_.c_str(), &status) == 0 && Inode{status.st_dev, status.st_ino} == inode_;
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
  const std::string hidden = paths::join(folder, "." + std::to_string(getpid()) + "-" + platform::random_word(8));
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
  return platform::lock_holder(root_ + "/" + std::string(paths::k_state_folder) + "/" + std::string(paths::k_lock_name));
}

}  // namespace baton::front
