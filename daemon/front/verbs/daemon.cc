// baton daemon: the service itself.
#include "service/daemon.h"
#include "front/folder.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals, Folder::Need::any));
  const int code = service::run_daemon({.coordination = folder.root(), .verbose = context.globals.verbose});
  if (const auto pid = folder.daemon(); pid && code == exit_code::k_refused)
    context.out.note("  hint: see: baton status; to stop the one that runs: kill " + std::to_string(*pid));
  return code;
}

constexpr Example k_examples[] = {
    {"baton daemon", "in the foreground, until Ctrl-C"},
    {"baton --coordination /srv/project/coordination daemon", "for a folder elsewhere"},
    {"sudo systemctl enable --now baton@$USER", "as a service, see docs/service.md"},
};

}  // namespace

constinit const Verb verbs::k_daemon{.name = "daemon",
                                     .summary = "Run the coordinator in the foreground",
                                     .group = Group::begin,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
