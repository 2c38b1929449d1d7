// baton plan: what would be made of a task. Writes nothing and needs no daemon.
#include <filesystem>

#include "base/ids.h"
#include "base/text.h"
#include "core/orchestrator.h"
#include "front/catalogue.h"
#include "front/plan_text.h"
#include "front/read_input.h"
#include "front/task_options.h"
#include "front/verbs.h"
#include "platform/loop.h"
#include "protocol/readers.h"
#include "protocol/writers.h"

namespace baton::front {
namespace {

bool is_file(const std::string& text) {
  std::error_code ignored;
  return text == "-" || std::filesystem::is_regular_file(text, ignored);
}

/// One word that ends like a document: somebody means a file, also when there is none.
bool reads_like_a_file(const std::string& text) {
  return text.find(' ') == std::string::npos && (text.ends_with(".json") || text.ends_with(".md") || text.ends_with(".markdown"));
}

Result<core::TaskSpec> from_title(const Arguments& arguments) {
  TRY_VALUE(const Data task, task_from(arguments, arguments.value("TITLE|FILE"), arguments.value("id", "task")));
  TRY_VALUE(auto tasks, protocol::read_dropped_json(task.text()));
  return std::move(tasks.front().spec);
}

Result<core::TaskSpec> from_file(const Arguments& arguments) {
  TRY(no_task_options(arguments, arguments.value("TITLE|FILE")));
  const std::string path = arguments.value("TITLE|FILE");
  TRY_VALUE(const std::string bytes, read_input(path));
  core::TaskSpec spec;
  if (is_markdown(path, bytes)) {
    TRY_VALUE(auto task, protocol::read_dropped_markdown(bytes));
    spec = std::move(task.spec);
  } else {
    TRY_VALUE(auto tasks, protocol::read_dropped_json(bytes));
    if (tasks.size() > 1)
      return fail(ErrorCode::usage, path + " holds " + std::to_string(tasks.size()) + " tasks", "plan them one by one");
    spec = std::move(tasks.front().spec);
  }
  if (spec.id.empty() && path != "-") spec.id = fit_task_id(std::filesystem::path(path).stem().string());
  return spec;
}

Result<LoadedCatalogue> catalogue_of(const Globals& globals) {
  auto folder = Folder::find(globals);
  if (folder) return load_catalogue(*folder);
  // Somebody who has no folder yet may try it out all the same; one that was named must exist.
  if (!globals.coordination.empty()) return tl::make_unexpected(std::move(folder).error());
  return template_catalogue();
}

struct Made {
  core::Plan plan;
  bool command_would_decide = false;
};

Result<Made> make(const core::TaskSpec& spec, core::Catalogue catalogue) {
  core::Orchestrator orchestrator;
  core::Remembered remembered;
  remembered.durations = std::move(catalogue.durations);
  orchestrator.restore(std::move(remembered));
  orchestrator.step({platform::now(), core::CatalogueChanged{std::move(catalogue), true}});
  if (auto plan = orchestrator.plan(spec)) {
    if (!*plan) return tl::make_unexpected(std::move(*plan).error());
    return Made{std::move(**plan), false};
  }
  TRY_VALUE(core::Plan plan, orchestrator.plan_without_command(spec));
  return Made{std::move(plan), true};
}

/// The plan's document as the daemon would write it.
std::string document_of(const core::TaskSpec& spec, core::Plan plan) {
  core::Task task;
  task.spec = spec;
  task.planned = true;
  task.planner = plan.planner;
  task.planner_name = std::move(plan.planner_name);
  task.analysis = std::move(plan.analysis);
  task.estimate = std::move(plan.estimate);
  task.conflicts = std::move(plan.conflicts);
  task.created_at = platform::now().wall_ms;
  for (core::PlannedSubtask& planned : plan.subtasks) {
    core::Subtask subtask;
    subtask.spec = std::move(planned.spec);
    subtask.task_id = spec.id;
    subtask.given_id = std::move(planned.given_id);
    subtask.stage = planned.stage;
    subtask.order = planned.order;
    subtask.created_at = task.created_at;
    task.subtasks.push_back(std::move(subtask));
  }
  task.simple = task.planner == core::PlannerKind::routed;
  return protocol::write_plan(task, {});
}

Result<int> run(Context& context) {
  const Arguments& arguments = context.arguments;
  const std::string words = arguments.value("TITLE|FILE");
  TRY_VALUE(core::TaskSpec spec, is_file(words) || reads_like_a_file(words) ? from_file(arguments) : from_title(arguments));
  if (spec.id.empty()) spec.id = "task";
  TRY_VALUE(LoadedCatalogue loaded, catalogue_of(context.globals));
  for (const DocumentProblem& problem : loaded.problems)
    context.out.note("left out: " + problem.path + ": " + text::printable(problem.error.message));
  TRY_VALUE(Made made, make(spec, std::move(loaded.catalogue)));
  const std::string document = document_of(spec, std::move(made.plan));
  context.out.document(document);
  if (made.command_would_decide)
    context.out.note("the planner command would be asked; this is the plan for when it has no answer");
  if (context.out.json()) return exit_code::k_ok;
  TRY_VALUE(const PlanView plan, read_plan(document));
  print_judgement(context.out, plan);
  context.out.line();
  print_stages(context.out, plan);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"TITLE|FILE", "a request in words, or a JSON or Markdown document; - reads standard input"}};
constexpr Example k_examples[] = {
    {"baton plan \"Add authentication system with security audit and documentation\""},
    {"baton plan \"Tidy up the API\" --decompose --after auth", "options as for submit"},
    {"baton plan task.json --json | jq '.data.execution_plan'"},
};

}  // namespace

constinit const Verb verbs::k_plan{.name = "plan",
                                   .summary = "Show what would be made of a task; writes nothing",
                                   .group = Group::inspect,
                                   .operands = k_operands,
                                   .options = k_task_options,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
