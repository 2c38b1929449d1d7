// baton submit: a task becomes a file in the drop folder, like anybody's; then the daemon's answer is waited for.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "core/model.h"
#include "front/await.h"
#include "front/lookup.h"
#include "front/outcome.h"
#include "front/random.h"
#include "front/read_input.h"
#include "front/render.h"
#include "front/request.h"
#include "front/verbs.h"
#include "platform/loop.h"
#include "protocol/paths.h"
#include "protocol/readers.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_intake_ms = 10'000;  // a daemon that is alive takes a file within milliseconds

/// What will lie in the drop folder.
struct Drop {
  std::string name;
  std::string bytes;
  std::vector<std::string> ids;  // of the tasks in it
};

template <class Enum>
Result<> one_of(const Arguments& arguments, std::string_view option, std::span<const Enum> all) {
  if (!arguments.has(option)) return {};
  const std::string word = arguments.value(option);
  std::vector<std::string> names;
  for (const Enum value : all) names.emplace_back(core::name(value));
  for (const std::string& name : names)
    if (name == word) return {};
  return fail(ErrorCode::usage,
              "unknown " + std::string(option) + " \"" + text::printable(word) + "\"" + text::did_you_mean(word, names),
              "one of " + text::join(names, ", "));
}

Result<> check_words(const Arguments& arguments) {
  constexpr std::array priorities{core::Priority::critical, core::Priority::high, core::Priority::medium, core::Priority::low};
  constexpr std::array modes{core::ExecutionMode::staged, core::ExecutionMode::sequential, core::ExecutionMode::eager};
  TRY(one_of<core::Priority>(arguments, "priority", priorities));
  return one_of<core::ExecutionMode>(arguments, "mode", modes);
}

Result<Drop> from_options(const Arguments& arguments, const std::string& id) {
  const std::string title(text::trim(arguments.value("TITLE")));
  if (title.empty())
    return fail(ErrorCode::usage, "the TITLE is blank", "say in a few words what is to be done, or use --from FILE");
  TRY(check_words(arguments));
  Data task;
  task.set("id", id).set("title", title).set_if("description", arguments.value("description"));
  if (arguments.has("file")) task.set("files_affected", arguments.values("file"));
  task.set_if("priority", arguments.value("priority")).set_if("assigned_to", arguments.value("to"));
  task.set_if("execution_mode", arguments.value("mode"));
  if (arguments.has("after")) task.set("depends_on", arguments.values("after"));
  if (arguments.has("approval")) task.set("approval", "required");
  task.set("created_at", format_utc(platform::now().wall_ms));
  return Drop{id + ".json", task.document(), {id}};
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

Result<Drop> from_document(const Arguments& arguments, const std::string& id) {
  for (const std::string_view other : {"TITLE", "description", "file", "priority", "to", "mode", "after", "approval"})
    if (arguments.has(other))
      return fail(ErrorCode::usage, "--from takes the whole task from the document; drop " + std::string(other),
                  "write it into the document instead");
  const std::string source = arguments.value("from");
  TRY_VALUE(std::string bytes, read_input(source));
  if (is_markdown(source, bytes)) {
    TRY_VALUE(const protocol::TaskIn task, protocol::read_dropped_markdown(bytes));
    return Drop{id + ".md", std::move(bytes), ids_of({task}, id)};
  }
  TRY_VALUE(const auto tasks, protocol::read_dropped_json(bytes));
  return Drop{id + ".json", std::move(bytes), ids_of(tasks, id)};
}

Error refusal(const Folder& folder, const std::string& name) {
  const std::string path = paths::join(paths::k_rejected, paths::error_name(name));
  Error error{ErrorCode::refused, "the daemon refused the task", "see " + path, {}};
  auto bytes = folder.read(path);
  if (!bytes) return error;
  auto reason = read_reason(*bytes);
  if (!reason) return error;
  error.code = reason->code == word_of(ErrorCode::invalid) ? ErrorCode::invalid : ErrorCode::refused;
  error.message = "the daemon refused the task: " + text::printable(reason->message);
  if (!reason->hint.empty()) error.hint = text::printable(reason->hint);
  error.place = {reason->pointer, reason->line, reason->column};
  return error;
}

enum class Intake { accepted, rejected, unanswered };

Result<Intake> wait_for_intake(const Folder& folder, const std::string& name) {
  const std::string accepted = paths::join(paths::k_accepted, name);
  const std::string reason = paths::join(paths::k_rejected, paths::error_name(name));
  Intake answer = Intake::unanswered;
  const auto look = [&] {
    if (folder.exists(accepted))
      answer = Intake::accepted;
    else if (folder.exists(reason))
      answer = Intake::rejected;
    return answer != Intake::unanswered;
  };
  TRY(await(folder, {std::string(paths::k_accepted), std::string(paths::k_rejected)}, k_intake_ms, look));
  return answer;
}

void say(Context& context, const Drop& drop, std::string_view state) {
  Data data;
  data.set("task_id", drop.ids.front()).set("task_ids", drop.ids).set("file", drop.name).set("state", state);
  context.out.data(data);
  for (const std::string& id : drop.ids) context.out.line(text::printable(id));
}

Result<int> wait_to_the_end(Context& context, const Folder& folder, const Drop& drop) {
  int worst = exit_code::k_ok;
  for (const std::string& id : drop.ids) {
    TRY_VALUE(const PlanView plan, wait_for_outcome(folder, id, std::nullopt));
    worst = std::max(worst, say_outcome(context, plan));
  }
  return worst;
}

Result<int> run(Context& context) {
  const Arguments& arguments = context.arguments;
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string id = new_task_id(platform::now().wall_ms);
  TRY_VALUE(const Drop drop, arguments.has("from") ? from_document(arguments, id) : from_options(arguments, id));
  const bool wait = arguments.has("wait");
  const bool running = folder.daemon().has_value();
  if (wait && !running) return fail_no_daemon(folder);
  TRY(folder.put(std::string(paths::k_drop), drop.name, drop.bytes, platform::Replace::no));
  if (!running) {
    say(context, drop, "queued");
    context.out.note("queued; no daemon is running, it will be taken when one starts: baton daemon");
    return exit_code::k_ok;
  }
  TRY_VALUE(const Intake intake, wait_for_intake(folder, drop.name));
  if (intake == Intake::rejected) return tl::make_unexpected(refusal(folder, drop.name));
  // Under --json one envelope is all: with --wait it is the outcome's.
  if (!wait || !context.out.json()) say(context, drop, intake == Intake::accepted ? "accepted" : "queued");
  if (intake == Intake::unanswered)
    context.out.note("queued; the daemon has not taken it within " + format_duration(k_intake_ms) + ", see: baton doctor");
  return wait ? wait_to_the_end(context, folder, drop) : Result<int>{exit_code::k_ok};
}

constexpr Operand k_operands[] = {{"TITLE", "what is to be done, in a few words", false}};
constexpr Option k_options[] = {
    {.name = "description", .letter = 'd', .value = "TEXT", .help = "the details"},
    {.name = "file", .value = "PATH", .help = "a file that the task will change", .many = true},
    {.name = "priority", .value = "WORD", .help = "critical, high, medium (default) or low"},
    {.name = "to", .value = "MASTER", .help = "the master for it, when the task is a simple one"},
    {.name = "mode", .value = "WORD", .help = "staged (default), sequential or eager"},
    {.name = "after", .value = "ID", .help = "a task that must complete first", .many = true},
    {.name = "approval", .help = "the plan waits for: baton approve ID"},
    {.name = "from", .value = "FILE", .help = "a JSON or Markdown document instead; - reads standard input"},
    {.name = "wait", .help = "wait for the end; the exit code tells how it ended"},
};
constexpr Example k_examples[] = {
    {"baton submit \"Fix the typo in README.md\" --file README.md"},
    {"baton submit \"Add authentication\" -d \"JWT, roles\" --priority high --approval", "look at the plan first"},
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
