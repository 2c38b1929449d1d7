// baton report: what a task delivered.
#include "base/text.h"
#include "front/lookup.h"
#include "front/settle.h"
#include "front/stored.h"
#include "front/verbs.h"
#include "front/work/branch.h"
#include "protocol/door.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

tl::unexpected<Error> not_yet(const PlanView& plan) {
  return fail(ErrorCode::not_found,
              "task " + text::printable(plan.id) + " has no report yet: it is " + text::printable(plan.status),
              "wait for it with: baton wait " + text::printable(plan.id));
}

void print(Output& out, const std::string& markdown) {
  const std::string_view body = std::string_view(markdown).substr(0, markdown.find_last_not_of('\n') + 1);
  for (const std::string& line : text::split(body, '\n'))
    out.line(line.starts_with('#') ? out.paint(Colour::bold, text::printable(line)) : text::printable(line));
}

/// What only the repository knows, and only where agents worked in one.
void print_branches(Output& out, const Folder& folder, const std::string& task_id) {
  const auto workshop = open_worktrees(folder);
  if (!workshop) return;
  const std::vector<std::string> refs = refs_of(*workshop, task_id);
  if (refs.empty()) return;
  out.line();
  out.line(out.paint(Colour::bold, "## Branches"));
  out.line();
  for (const std::string& ref : refs) out.line("- " + text::printable(ref));
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const Subject subject, find_task(folder, context.arguments.value("ID"), context.out));
  if (subject.what == Named::queued) return not_planned(folder, subject.id);
  TRY_VALUE(const Loaded loaded, load_plan(folder, subject.id));
  const std::string& id = subject.id;
  if (is_final_status(loaded.plan.status)) await_report(folder, id);
  auto bytes = read_stored(folder, context.out.json() ? paths::report_json(id) : paths::report_md(id));
  if (!bytes && bytes.error().code == ErrorCode::not_found) return not_yet(loaded.plan);
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  if (context.out.json()) {
    TRY(protocol::check_json(*bytes));
    context.out.document(*bytes);
  } else {
    print(context.out, *bytes);
    print_branches(context.out, folder, id);
  }
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"ID", "a task that has ended"}};
constexpr Example k_examples[] = {
    {"baton report auth"},
    {"baton report auth --json | jq '.data'"},
};

}  // namespace

constinit const Verb verbs::k_report{.name = "report",
                                     .summary = "Print what a task delivered",
                                     .group = Group::tasks,
                                     .operands = k_operands,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
