// baton complete, baton fail: the result of a subtask as a file in its master's folder.
#include <array>

#include "base/text.h"
#include "core/model.h"
#include "front/assignment.h"
#include "front/read_input.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> answer(Context& context, const Folder& folder, const Assignment& assignment, const Data& document,
                   std::string_view status) {
  TRY_VALUE(const bool filed, hand_in(folder, assignment, document));
  Data data;
  data.set("subtask_id", assignment.subtask_id).set("master", assignment.master).set("status", status).set("filed", filed);
  context.out.data(data);
  context.out.line(assignment.subtask_id + (filed ? ": the daemon has taken the result" : ": the result is written"));
  if (!filed)
    context.out.note(folder.daemon() ? "the daemon has not taken it yet"
                                     : "no daemon is running; it reads the result when it starts: baton daemon");
  return exit_code::k_ok;
}

/// --summary, or what --summary-file holds.
Result<std::string> summary_of(const Arguments& arguments) {
  if (!arguments.has("summary-file")) return arguments.value("summary");
  if (arguments.has("summary"))
    return fail(ErrorCode::usage, "--summary and --summary-file say the same thing; give one of them");
  TRY_VALUE(const std::string bytes, read_input(arguments.value("summary-file")));
  return text::escape_non_utf8(text::trim(bytes));
}

Result<int> complete(Context& context) {
  const Arguments& arguments = context.arguments;
  TRY_VALUE(const std::string summary, summary_of(arguments));
  TRY_VALUE(const auto tokens, arguments.number("tokens", 0, INT64_MAX));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Assignment assignment, find_assignment(folder, arguments.value("SUBTASK")));
  Data result;
  result.set("summary", summary).set("artifacts", arguments.values("artifact"));
  result.set("files_modified", arguments.values("file"));
  if (tokens) result.set("tokens_used", *tokens);
  Data document = result_of(assignment, "completed");
  document.set("result", std::move(result));
  return answer(context, folder, assignment, document, "completed");
}

Result<core::FailureClass> class_of(const Arguments& arguments) {
  const std::string word = arguments.value("class", core::name(core::FailureClass::transient));
  if (const auto known = core::parse<core::FailureClass>(word)) return *known;
  const std::array<std::string, 4> words{"transient", "permanent", "rate_limited", "conflict"};
  return fail(ErrorCode::usage, "unknown class \"" + text::printable(word) + "\"" + text::did_you_mean(word, words),
              "one of " + text::join(words, ", "));
}

Result<int> fail_subtask(Context& context) {
  const Arguments& arguments = context.arguments;
  const std::string error(text::trim(arguments.value("error")));
  if (error.empty()) return fail(ErrorCode::usage, "--error is missing", "say what went wrong: baton fail SUBTASK --error TEXT");
  TRY_VALUE(const core::FailureClass failure_class, class_of(arguments));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Assignment assignment, find_assignment(folder, arguments.value("SUBTASK")));
  Data document = result_of(assignment, "failed");
  document.set("error", error).set("failure_class", core::name(failure_class));
  return answer(context, folder, assignment, document, "failed");
}

constexpr Operand k_operands[] = {{"SUBTASK", "its id, or a beginning or end that names one (auth-002, backend)"}};
constexpr Option k_complete_options[] = {
    {.name = "summary", .value = "TEXT", .help = "what was done; the subtasks that depend on it read this"},
    {.name = "summary-file", .value = "FILE", .help = "the same from a file; - reads standard input"},
    {.name = "artifact", .value = "PATH", .help = "something that was made", .many = true},
    {.name = "file", .value = "PATH", .help = "a file that was changed", .many = true},
    {.name = "tokens", .value = "N", .help = "tokens used"},
};
constexpr Example k_complete_examples[] = {
    {"baton complete auth-002-backend --summary \"Routes and middleware\" --file server/auth.js"},
    {"my-agent < task.txt | baton complete auth-002 --summary-file -"},
    {"baton complete auth-001 --artifact docs/auth.md --tokens 4200"},
};
constexpr Option k_fail_options[] = {
    {.name = "error", .value = "TEXT", .help = "what went wrong"},
    {.name = "class", .value = "WORD", .help = "transient (default), permanent, rate_limited or conflict"},
};
constexpr Example k_fail_examples[] = {{"baton fail auth-002-backend --error \"no such database\" --class permanent"}};

}  // namespace

constinit const Verb verbs::k_complete{.name = "complete",
                                       .summary = "Hand in the result of a subtask",
                                       .group = Group::workers,
                                       .operands = k_operands,
                                       .options = k_complete_options,
                                       .examples = k_complete_examples,
                                       .run = complete};
constinit const Verb verbs::k_fail{.name = "fail",
                                   .summary = "Say that a subtask failed, and why",
                                   .group = Group::workers,
                                   .operands = k_operands,
                                   .options = k_fail_options,
                                   .examples = k_fail_examples,
                                   .run = fail_subtask};

}  // namespace baton::front
