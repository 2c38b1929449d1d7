// baton submit: a task becomes a file in the drop folder, like anybody's; then the daemon's answer is waited for.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "front/intake.h"
#include "front/lookup.h"
#include "front/outcome.h"
#include "front/random.h"
#include "front/read_input.h"
#include "front/render.h"
#include "front/request.h"
#include "front/settle.h"
#include "front/task_options.h"
#include "front/verbs.h"
#include "platform/loop.h"
#include "protocol/paths.h"
#include "protocol/readers.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::string_view k_deserted = "queued; no daemon is running, it will be taken when one starts: baton daemon";

/// What will lie in the drop folder.
struct Drop {
  std::string name;
  std::string bytes;
  std::vector<std::string> ids;       // of the tasks in it
  std::vector<std::string> warnings;  // what is understood in it, but hardly meant like that
};

/// The file has a name of its own: one that was given may lie in accepted/ already.
Result<Drop> from_options(const Arguments& arguments, const std::string& name) {
  const std::string id = arguments.value("id", name);
  TRY_VALUE(Data task, task_from(arguments, arguments.value("TITLE"), id));
  return Drop{name + ".json", task.document(), {id}, {}};
}

/// The ids that the daemon will give to the tasks of a dropped file (docs/protocol.md, "Task").
std::vector<std::string> ids_of(const std::vector<protocol::TaskIn>& tasks, const std::string& stem) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string own = tasks.size() == 1 ? stem : stem + "-" + std::to_string(i + 1);
    ids.push_back(tasks[i].spec.id.empty() ? own : tasks[i].spec.id);
  }
  return ids;
}

Drop drop_of(const std::vector<protocol::TaskIn>& tasks, const std::string& stem, std::string_view ending, std::string bytes) {
  Drop drop{stem + std::string(ending), std::move(bytes), ids_of(tasks, stem), {}};
  for (std::size_t i = 0; i < tasks.size(); ++i)
    for (const std::string& warning : tasks[i].warnings) drop.warnings.push_back("task " + drop.ids[i] + ": " + warning);
  return drop;
}

Result<Drop> from_document(const Arguments& arguments, const std::string& id) {
  TRY(no_task_options(arguments, "the document"));
  if (arguments.has("TITLE"))
    return fail(ErrorCode::usage, "--from takes the whole task from the document; drop the TITLE",
                "write it into the document instead");
  const std::string source = arguments.value("from");
  TRY_VALUE(std::string bytes, read_input(source));
  if (is_markdown(source, bytes)) {
    TRY_VALUE(const protocol::TaskIn task, protocol::read_dropped_markdown(bytes));
    return drop_of({task}, id, ".md", std::move(bytes));
  }
  TRY_VALUE(const auto tasks, protocol::read_dropped_json(bytes));
  return drop_of(tasks, id, ".json", std::move(bytes));
}

void say(Context& context, const Drop& drop, std::string_view state) {
  Data data;
  data.set("task_id", drop.ids.front()).set("task_ids", drop.ids).set("file", drop.name).set("state", state);
  context.out.data(data);
  for (const std::string& id : drop.ids) context.out.line(text::printable(id));
}

/// The plan stands when this returns: a new one is written at once.
void wait_for_plans(const Folder& folder, const Drop& drop) {
  for (const std::string& id : drop.ids) await_plan(folder, id, [](const PlanView&) { return true; });
}

Result<int> wait_to_the_end(Context& context, const Folder& folder, const Drop& drop, std::optional<std::int64_t> limit_ms) {
  const std::int64_t start = platform::now().mono_ms;
  int worst = exit_code::k_ok;
  Data tasks = Data::array();
  for (const std::string& id : drop.ids) {
    std::optional<std::int64_t> left;
    if (limit_ms) left = std::max<std::int64_t>(0, *limit_ms - (platform::now().mono_ms - start));
    TRY_VALUE(const PlanView plan, wait_for_outcome(folder, {Named::task, id, id}, left));
    if (drop.ids.size() == 1) return say_outcome(context, plan);
    worst = std::max(worst, say_outcome_in_words(context, plan));
    tasks.push(data_of_outcome(plan));
  }
  Data data;
  context.out.data(data.set("tasks", std::move(tasks)));
  return worst;
}

Result<int> run(Context& context) {
  const Arguments& arguments = context.arguments;
  TRY_VALUE(const auto limit, arguments.duration_ms("timeout"));
  if (limit && !arguments.has("wait")) return fail(ErrorCode::usage, "--timeout goes with --wait");
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string id = new_task_id(platform::now().wall_ms);
  TRY_VALUE(const Drop drop, arguments.has("from") ? from_document(arguments, id) : from_options(arguments, id));
  for (const std::string& warning : drop.warnings) context.out.note("baton: warning: " + text::printable(warning));
  const bool wait = arguments.has("wait");
  const bool running = folder.daemon().has_value();
  if (wait && !running) return fail_no_daemon(folder);
  TRY(folder.put(std::string(paths::k_drop), drop.name, drop.bytes, platform::Replace::no));
  if (!running) {
    say(context, drop, "queued");
    context.out.note(std::string(k_deserted));
    return exit_code::k_ok;
  }
  TRY_VALUE(const Intake intake, wait_for_intake(folder, drop.name));
  if (intake == Intake::rejected) return tl::make_unexpected(refusal(folder, drop.name));
  // Under --json one envelope is all: with --wait it is the outcome's.
  if (intake == Intake::accepted) wait_for_plans(folder, drop);
  if (!wait || !context.out.json()) say(context, drop, intake == Intake::accepted ? "accepted" : "queued");
  if (intake == Intake::deserted) context.out.note(std::string(k_deserted));
  if (intake == Intake::unanswered)
    context.out.note("queued; the daemon has not taken it within " + format_duration(k_intake_ms) + ", see: baton doctor");
  context.out.flush();  // whoever waits for the end may want the id before
  return wait ? wait_to_the_end(context, folder, drop, limit) : Result<int>{exit_code::k_ok};
}

constexpr Operand k_operands[] = {{"TITLE", "what is to be done, in a few words", false}};
constexpr Option k_own_options[] = {
    {.name = "from", .value = "FILE", .help = "a JSON or Markdown document instead; - reads standard input"},
    {.name = "wait", .help = "wait for the end; the exit code tells how it ended"},
    {.name = "timeout", .value = "DURATION", .help = "with --wait: give up after that long (exit 124)"},
};

constexpr auto k_options = with_task_options(k_own_options);
constexpr Example k_examples[] = {
    {"baton submit \"Fix the typo in README.md\" --file README.md"},
    {"baton submit \"Add authentication\" -d \"JWT, roles\" --priority high --approval", "look at the plan first"},
    {"baton submit \"Nightly scan\" --id scan-$(date +%F) --wait --timeout 2h"},
    {"baton submit --from task.json --wait"},
    {"git log -1 --format=%B | baton submit --from -", "a prompt from a pipe"},
};

}  // namespace

constinit const Verb verbs::k_submit{.name = "submit",
                                     .summary = "Hand in a task",
                                     .group = Group::begin,
                                     .operands = k_operands,
                                     .options = k_options,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
