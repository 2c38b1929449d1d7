// baton archive: what ended long ago out of the way.
#include "base/text.h"
#include "front/request.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_archive_ms = 600'000;  // thousands of tasks take their time

Result<int> run(Context& context) {
  TRY_VALUE(const auto age, context.arguments.duration_ms("older-than"));
  if (!age) return fail(ErrorCode::usage, "archive needs --older-than", "for example: baton archive --older-than 30d");
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  Data document;
  document.set("command", "archive").set("older_than", std::string(context.arguments.value("older-than")));
  TRY_VALUE(const Answer answer, request(folder, "archive", std::move(document), k_archive_ms));
  if (!answer.ok) return fail(ErrorCode::refused, text::printable(answer.message));
  Data data;
  data.set("message", answer.message);
  context.out.data(data);
  context.out.line(text::printable(answer.message));
  return exit_code::k_ok;
}

constexpr Option k_options[] = {{.name = "older-than", .value = "DURATION", .help = "tasks that ended at least so long ago"}};
constexpr Example k_examples[] = {{"baton archive --older-than 30d", "to orchestrator/archive/YYYY-MM"}};

}  // namespace

constinit const Verb verbs::k_archive{.name = "archive",
                                      .summary = "Move plans and reports of old tasks to the archive",
                                      .group = Group::inspect,
                                      .options = k_options,
                                      .examples = k_examples,
                                      .run = run};

}  // namespace baton::front
