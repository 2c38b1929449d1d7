// baton daemon: the service itself.
#include "service/daemon.h"
#include "front/folder.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals, Folder::Need::any));
  auto ended = service::run_daemon({.coordination = folder.root(), .verbose = context.globals.verbose});
  if (ended) return exit_code::k_ok;
  Error error = std::move(ended).error();
  const auto pid = folder.daemon();
  const bool has_hint = pid && error.code == ErrorCode::refused;
  if (has_hint) error.hint = "see: baton status; to stop the one that runs: kill " + std::to_string(*pid);
  if (context.out.json()) return tl::make_unexpected(std::move(error));
  if (has_hint) context.out.note("  hint: " + error.hint);  // the log has said the rest
  return exit_code_of(error.code);
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
