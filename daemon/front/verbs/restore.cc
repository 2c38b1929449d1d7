// baton restore: a backup becomes the journal.
#include "service/restore_backup.h"

#include "base/text.h"
#include "front/folder.h"
#include "front/render.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string file = absolute_path(context.arguments.value("FILE"));
  TRY_VALUE(const std::string state_dir, folder.state_dir());
  auto restored = service::restore_backup({folder.root(), state_dir, file});
  if (!restored && restored.error().code == ErrorCode::refused) restored.error().hint = "stop the daemon first";
  if (!restored) return tl::make_unexpected(std::move(restored).error());
  Data data;
  data.set("file", file).set("live_tasks", static_cast<std::int64_t>(restored->live_tasks));
  data.set("last_seq", restored->last_seq).set_if("kept", restored->kept);
  context.out.data(data);
  context.out.line("the journal is as it was in " + text::printable(file) + ", with " +
                   counted(static_cast<std::int64_t>(restored->live_tasks), "live task"));
  if (!restored->kept.empty()) context.out.line("what it was before is kept in " + text::printable(restored->kept));
  context.out.line("  start the coordinator:  baton daemon");
  context.out.line("  tasks taken since are unknown now; their documents lie in task-queue.d/accepted: drop them again");
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"FILE", "what `baton backup` wrote"}};
constexpr Example k_examples[] = {{"baton restore /var/backups/baton-2026-01-31.db", "while no daemon runs"}};

}  // namespace

constinit const Verb verbs::k_restore{.name = "restore",
                                      .summary = "Put a backup in the journal's place, while no daemon runs",
                                      .group = Group::inspect,
                                      .operands = k_operands,
                                      .examples = k_examples,
                                      .run = run};

}  // namespace baton::front
