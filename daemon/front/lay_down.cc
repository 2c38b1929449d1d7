#include "front/lay_down.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

#include "embedded/coordination_template.h"
#include "front/folder.h"
#include "platform/fd.h"
#include "platform/random.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

struct Modes {
  mode_t folder;
  mode_t file;
};
constexpr Modes k_own{0700, 0600};
constexpr Modes k_shared{02770, 0660};

/// Makes what is missing beneath one root and counts it.
class Layer {
 public:
  Layer(std::string root, Modes modes) : root_(std::move(root)), modes_(modes) {}

  Result<> folder(const std::string& path) {
    const std::string whole = path.empty() ? root_ : root_ + "/" + path;
    if (mkdir(whole.c_str(), 0700) != 0)
      return errno == EEXIST ? must_be_folder(whole) : fail_errno("cannot make " + whole, errno);
    // The umask must not decide about who takes part.
    if (chmod(whole.c_str(), modes_.folder) != 0) return fail_errno("cannot set the mode of " + whole, errno);
    ++made_;
    return {};
  }

  Result<> folders_above(const std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      TRY(folder(path.substr(0, slash)));
    return {};
  }

  /// Whole or not at all, like every document here: a daemon may be looking.
  Result<> file(const std::string& path, std::string_view bytes) {
    const std::string whole = root_ + "/" + path;
    struct stat status {};
    if (lstat(whole.c_str(), &status) == 0) return {};
    const auto slash = whole.rfind('/') + 1;
    const std::string hidden = whole.substr(0, slash) + ".init-" + platform::random_word(8);
    auto placed = write(hidden, bytes);
    if (placed && renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, whole.c_str(), RENAME_NOREPLACE) != 0)
      placed = fail_errno("cannot make " + whole, errno);
    if (!placed) unlink(hidden.c_str());
    if (!placed && access(whole.c_str(), F_OK) == 0) return {};  // somebody else has just made it
    if (placed) ++made_;
    return placed;
  }

  int made() const { return made_; }

 private:
  Result<> write(const std::string& path, std::string_view bytes) const {
    platform::Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail_errno("cannot make " + path, errno);
    if (fchmod(fd.get(), modes_.file) != 0) return fail_errno("cannot set the mode of " + path, errno);
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_errno("cannot write " + path, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  static Result<> must_be_folder(const std::string& whole) {
    struct stat status {};
    if (stat(whole.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    return fail(ErrorCode::refused, whole + " exists and is no folder", "move it away and try again");
  }

  std::string root_;
  Modes modes_;
  int made_ = 0;
};

Result<> lay_down_template(Layer& layer) {
  for (const std::string& path : paths::fixed_folders()) {
    TRY(layer.folders_above(path));
    TRY(layer.folder(path));
  }
  TRY(layer.file(".gitignore", "*\n"));
  for (const auto& file : embedded::coordination_template::files()) {
    TRY(layer.folders_above(std::string(file.path)));
    TRY(layer.file(std::string(file.path), file.content));
  }
  return {};
}

Result<> lay_down_folders_of(const std::string& master, Layer& layer) {
  for (const std::string& path : {paths::handoffs(master), paths::claimed(master), paths::done(master), paths::stale(master)})
    TRY(layer.folder(path));
  return {};
}

Result<> lay_down(Layer& layer, const std::string& path, std::string_view bytes) {
  TRY(layer.folders_above(path));
  return layer.file(path, bytes);
}

Result<> make_parents(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (mkdir(path.substr(0, slash).c_str(), 0777) != 0 && errno != EEXIST)
      return fail_errno("cannot make " + path.substr(0, slash), errno);
  return {};
}

const Modes& modes_of(SetUp set_up) { return set_up == SetUp::shared ? k_shared : k_own; }

}  // namespace

Result<int> lay_down(const std::string& target, SetUp set_up, const std::vector<OwnFile>& instead) {
  TRY(make_parents(target));
  Layer layer(target, modes_of(set_up));
  TRY(layer.folder(""));
  for (const OwnFile& file : instead) TRY(lay_down(layer, file.path, file.bytes));
  TRY(lay_down_template(layer));
  TRY_VALUE(const Folder folder, Folder::open(target));
  for (const std::string& master : folder.masters()) TRY(lay_down_folders_of(master, layer));
  return layer.made();
}

Result<> lay_down_master(const Folder& folder, const std::string& master, std::string_view config) {
  Layer layer(folder.root(), modes_of(folder.shared() ? SetUp::shared : SetUp::own));
  TRY(layer.folder(paths::master_folder(master)));
  TRY(lay_down_folders_of(master, layer));
  return layer.file(paths::master_config(master), config);
}

}  // namespace baton::front
