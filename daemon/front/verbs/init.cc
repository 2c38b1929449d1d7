// baton init: lays down the coordination folder. What already stands is never touched.
#include <sys/stat.h>
#include <algorithm>

#include "front/lay_down.h"
#include "front/render.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

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
  TRY_VALUE(const int made, lay_down(target, group ? SetUp::shared : SetUp::own));
  TRY_VALUE(const Folder folder, Folder::open(target));
  say(context, folder, made, group);
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
