// baton init: lays down the coordination folder. What already stands is never touched.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "embedded/coordination_template.h"
#include "front/folder.h"
#include "front/render.h"
#include "front/verbs.h"
#include "platform/fd.h"
#include "platform/random.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

struct SetUp {
  mode_t folder;
  mode_t file;
};
constexpr SetUp k_own{0700, 0600};
constexpr SetUp k_shared{02770, 0660};

/// Makes what is missing beneath one root and counts it.
class Layer {
 public:
  Layer(std::string root, SetUp modes) : root_(std::move(root)), modes_(modes) {}

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
  SetUp modes_;
  int made_ = 0;
};

Result<> lay_down(Layer& layer) {
  TRY(layer.folder(""));
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

Result<> lay_down_masters(Layer& layer, const Folder& folder) {
  for (const std::string& master : folder.masters())
    for (const std::string& path : {paths::handoffs(master), paths::claimed(master), paths::done(master), paths::stale(master)})
      TRY(layer.folder(path));
  return {};
}

Result<> make_parents(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (mkdir(path.substr(0, slash).c_str(), 0777) != 0 && errno != EEXIST)
      return fail_errno("cannot make " + path.substr(0, slash), errno);
  return {};
}

void say(Context& context, const Folder& folder, int made, bool shared) {
  Data data;
  data.set("coordination", folder.root()).set("made", made).set("shared", shared).set("masters", folder.masters());
  context.out.data(data);
  context.out.line(made == 0 ? folder.root() + " is complete; nothing was changed" : "made " + folder.root());
  context.out.line("  start the coordinator:  baton daemon");
  context.out.line("  hand in a task:         baton submit \"Fix the typo in README.md\"");
  context.out.line("  see it move:            baton watch");
}

/// DIR/coordination. Inside of a coordination folder a second one would only be found by mistake.
Result<std::string> target_of(const Context& context) {
  const std::string given = context.arguments.value("DIR");
  if (given.empty() && !context.globals.coordination.empty()) return absolute_path(context.globals.coordination);
  const std::string place = absolute_path(given.empty() ? "." : given);
  if (const std::string around = coordination_around(place); !around.empty())
    return fail(ErrorCode::refused, place + " lies in the coordination folder " + around,
                "to complete that one: baton init " + around.substr(0, std::max<std::size_t>(1, around.rfind('/'))));
  return (place == "/" ? "" : place) + "/coordination";
}

Result<int> run(Context& context) {
  TRY_VALUE(const std::string target, target_of(context));
  const bool shared = context.arguments.has("shared");
  struct stat status {};
  if (shared && stat(target.c_str(), &status) == 0 && (status.st_mode & S_IWGRP) == 0)
    return fail(ErrorCode::refused, target + " already stands as the set-up of one user",
                "to share it: chgrp -R GROUP and chmod -R g+rwX it, and chmod g+s its folders");
  const bool group = shared || (stat(target.c_str(), &status) == 0 && (status.st_mode & S_IWGRP) != 0);
  TRY(make_parents(target));
  Layer layer(target, group ? k_shared : k_own);
  TRY(lay_down(layer));
  TRY_VALUE(const Folder folder, Folder::open(target));
  TRY(lay_down_masters(layer, folder));
  say(context, folder, layer.made(), group);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"DIR", "where coordination/ is made (default: here)", false}};
constexpr Option k_options[] = {
    {.name = "shared", .help = "for a group: folders 2770, files 0660 (default: 0700, 0600)"},
};
constexpr Example k_examples[] = {
    {"baton init", "in the repository that your agents work on"},
    {"sudo -u baton baton init /srv/project --shared", "for a daemon with a user of its own"},
};

}  // namespace

constinit const Verb verbs::k_init{.name = "init",
                                   .summary = "Make a coordination folder; what already stands is left alone",
                                   .group = Group::begin,
                                   .operands = k_operands,
                                   .options = k_options,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
