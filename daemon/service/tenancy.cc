#include "service/tenancy.h"

#include <sys/stat.h>
#include <cerrno>
#include <filesystem>

#include "base/text.h"
#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

namespace {

constexpr std::size_t k_max_place_bytes = 1 << 16;
constexpr std::chrono::milliseconds k_wait_for_killed{500};

bool same_folder(const std::string& one, const std::string& other) {
  std::error_code error;
  return fs::path(one).lexically_normal() == fs::path(other).lexically_normal() || (fs::equivalent(one, other, error) && !error);
}

/// False only when it is certain: a folder that may not be read may hold one.
bool may_hold_journal(const std::string& folder) {
  for (const char* ending : {"", "-wal", ".whole"}) {
    struct ::stat status {};
    const std::string path = folder + "/" + std::string(paths::k_journal_name) + ending;
    if (::lstat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR)) return true;
  }
  return false;
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Tenancy::Tenancy(platform::Files& files, std::string root, std::string state_dir, unsigned file_mode)
    : files_(&files), root_(std::move(root)), state_dir_(without_last_slash(std::move(state_dir))), file_mode_(file_mode) {}

std::string Tenancy::state_folder() const { return root_ + "/" + std::string(paths::k_state_folder); }
std::string Tenancy::journal() const { return state_dir_ + "/" + std::string(paths::k_journal_name); }

Result<Tenancy> Tenancy::take(platform::Files& files, const std::string& root, const std::string& state_dir, unsigned file_mode) {
  Tenancy tenancy(files, root, state_dir, file_mode);
  // Whoever kills a daemon and starts the next in one breath shall not be told of the dying one.
  static_cast<void>(
      platform::wait_for_release(tenancy.state_folder() + "/" + std::string(paths::k_lock_name), k_wait_for_killed));
  TRY(tenancy.lock());
  TRY(tenancy.check_place());
  return tenancy;
}

Result<> Tenancy::lock() {
  const std::string name = "/" + std::string(paths::k_lock_name);
  TRY(files_->make_folder(std::string(paths::k_state_folder)));
  TRY(hold(state_folder() + name, folder_lock_));
  return same_folder(state_folder(), state_dir_) ? Result<>() : hold(state_dir_ + name, journal_lock_);
}

/// A file of that name that another daemon has locked: ours was deleted, and who came after us found nobody.
Result<> Tenancy::hold(const std::string& path, std::optional<platform::Lock>& lock) const {
  if (lock && lock->is_at(path)) return {};
  TRY_VALUE(lock, platform::Lock::take(path, file_mode_));
  return {};
}

bool Tenancy::is_ours() const {
  const std::string name = "/" + std::string(paths::k_lock_name);
  return (folder_lock_ && folder_lock_->is_at(state_folder() + name)) ||
         (journal_lock_ && journal_lock_->is_at(state_dir_ + name));
}

Result<> Tenancy::check_place() const {
  const auto written = files_->read(std::string(paths::k_journal_place), k_max_place_bytes);
  if (!written && written.error().code == ErrorCode::not_found) return {};
  if (!written) return fail(ErrorCode::invalid, written.error().message, written.error().hint);
  std::string last(text::trim(written->bytes));
  if (!last.starts_with('/')) last = root_ + "/" + last;
  if (same_folder(last, state_dir_) || (!may_hold_journal(last) && may_hold_journal(state_dir_))) return {};
  return fail(ErrorCode::invalid, "the journal that was used last lies in " + last + ", but state_dir names " + state_dir_,
              "move " + last +
                  "/journal.db and journal.db-wal there, or set state_dir back; to go on without on purpose, remove " + root_ +
                  "/" + std::string(paths::k_journal_place));
}

// A place beneath the coordination folder moves with it.
void Tenancy::remember_place() {
  const std::string path(paths::k_journal_place);
  const std::string text = (state_dir_.starts_with(root_ + "/") ? state_dir_.substr(root_.size() + 1) : state_dir_) + "\n";
  if (const auto stands = files_->read(path, k_max_place_bytes); stands && stands->bytes == text) return;
  const std::string hidden = paths::join(paths::k_state_folder, ".baton-journal.place");
  auto done = files_->write(hidden, text).and_then([&](const auto&) { return files_->sync(hidden); });
  if (done) done = files_->rename(hidden, path, platform::Replace::yes);
  if (done) done = files_->sync(std::string(paths::k_state_folder));
  if (!done) log::warn({"cannot remember where the journal lies: ", done.error().message});
}

// Only itself: what should hold it may be a disk that was taken away. A start never makes it: the journal used last lies there.
Result<> Tenancy::make_state_dir() const {
  constexpr ::mode_t k_mode = 0700;
  if (::mkdir(state_dir_.c_str(), k_mode) == 0 || errno == EEXIST) return {};
  return fail_errno("cannot make " + state_dir_, errno);
}

Result<> Tenancy::keep() {
  TRY(files_->make_folder(std::string(paths::k_state_folder)));
  TRY(make_state_dir());
  TRY(lock());
  remember_place();
  return {};
}

}  // namespace baton::service
