// baton backup: the daemon writes a consistent copy of its journal.
#include "base/text.h"
#include "front/request.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_backup_ms = 600'000;  // a large journal takes its time

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string file = absolute_path(context.arguments.value("FILE"));
  Data document;
  document.set("command", "backup").set("file", file);
  TRY_VALUE(const Answer answer, request(folder, "backup", std::move(document), k_backup_ms));
  if (!answer.ok) return fail(ErrorCode::refused, text::printable(answer.message));
  Data data;
  data.set("file", file).set("message", answer.message);
  context.out.data(data);
  context.out.line(text::printable(answer.message));
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"FILE", "a new file"}};
constexpr Example k_examples[] = {{"baton backup /var/backups/baton-$(date +%F).db", "while the daemon works"}};

}  // namespace

constinit const Verb verbs::k_backup{.name = "backup",
                                     .summary = "Write a consistent copy of the journal",
                                     .group = Group::inspect,
                                     .operands = k_operands,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
