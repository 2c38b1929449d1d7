// baton run: prompt files side by side, one agent each, in worktrees; from nothing to a branch with the work of all.
#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/text.h"
#include "front/analysis/analysis.h"
#include "front/await.h"
#include "front/catalogue.h"
#include "front/intake.h"
#include "front/run/course.h"
#include "front/run/findings.h"
#include "front/run/order.h"
#include "front/run/place.h"
#include "front/run/prompts.h"
#include "front/run/tally.h"
#include "front/run/task.h"
#include "front/run/unfinished.h"
#include "front/run/workspace_files.h"
#include "front/verbs.h"
#include "front/work/branch.h"
#include "front/work/integrator.h"
#include "front/work/tidy.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::size_t k_usual_parallel = 4;

/// `run` has an agent of its own, or that of the master who takes what no other one claims.
Result<Workshop> workshop_of(const Folder& folder, const RunOrder& order, const std::optional<runner::Git>& git) {
  const std::string fallback = load_catalogue(folder).catalogue.settings.default_master;
  for (const std::string& master : {std::string(k_run_master), fallback}) {
    auto workshop = open_workshop(folder, master, order.agent, git);
    if (workshop) {
      workshop->master = k_run_master;
      return workshop;
    }
    if (workshop.error().code != ErrorCode::usage) return workshop;
  }
  return fail(ErrorCode::usage, "no agent is set",
              "baton run PROMPT.md... -- PROGRAM ARGUMENT..., or \"agent\": \"claude\" in " + paths::master_config(k_run_master));
}

std::string line_about(const AttemptEnd& end) {
  switch (end.how) {
    case AttemptEnd::How::completed: return end.job.subtask_id + " is done" + (end.message.empty() ? "" : ": " + end.message);
    case AttemptEnd::How::given_back: return end.job.subtask_id + " is put back: " + end.message;
    default: return end.job.subtask_id + " has not ended well: " + end.message;
  }
}

/// Prompts, and what they have to do with each other.
struct Studied {
  std::vector<Prompt> prompts;
  std::vector<std::string> paths;
  PromptAnalysis analysis;
};

Result<Studied> study(Context& context, const Place& place, const RunOrder& order) {
  TRY_VALUE(Prompts found, read_prompts(order.wish.prompts, place.workspace));
  for (const std::string& note : found.notes) context.out.note(note);
  if (found.prompts.empty()) return Studied{};
  TRY_VALUE(const RepositoryFiles files, files_of(place, order.wish.base));
  PromptAnalysis analysis = analyse(found.prompts, files);
  return Studied{std::move(found.prompts), std::move(found.paths), std::move(analysis)};
}

/// Ids of its subtasks without the part that all of them share.
std::string in_short(std::string line, const std::string& task_id) {
  const std::string shared = task_id + ".";
  for (std::size_t at = line.find(shared); at != std::string::npos; at = line.find(shared, at)) line.erase(at, shared.size());
  return line;
}

struct Begun {
  std::string task_id;
  RunLock lock;
  std::size_t kept_apart = 0;
};

Result<Begun> begin_again(Context& context, const Workshop& workshop, const std::string& resumed) {
  TRY_VALUE(const std::string id, run_to_resume(workshop, resumed));
  TRY_VALUE(RunLock lock, RunLock::take(workshop, id));
  context.out.note("goes on with " + id);
  return Begun{id, std::move(lock), 0};
}

/// They would keep their files from this one, and nobody would work on them.
Result<> leave_abandoned(const Workshop& workshop, const RunOrder& order) {
  const std::vector<std::string> runs = abandoned_runs(workshop);
  if (runs.empty()) return {};
  if (order.fresh) return cancel_runs(workshop.folder, runs);
  return fail(ErrorCode::refused, runs.back() + " has not ended, and nobody is at work on it",
              "go on with it: baton run --resume; or cancel it and begin anew: --fresh");
}

/// Hands the prompts in as one task whose branch begins at the base.
Result<Begun> begin(Context& context, const Workshop& workshop, const RunOrder& order, const Studied& studied) {
  if (order.resume) return begin_again(context, workshop, order.resumed);
  TRY(leave_abandoned(workshop, order));
  const std::string id = new_run_id();
  TRY_VALUE(RunLock run, RunLock::take(workshop, id));
  if (workshop.worktrees) {
    TRY_VALUE(const platform::Lock lock, workshop.worktrees->lock());
    TRY(task_branch(workshop, id, order.wish.base));
  }
  const auto handed_in = hand_in_task(workshop.folder, run_task(id, studied.prompts, studied.analysis), id);
  if (!handed_in && workshop.worktrees) drop_task_branch(workshop, id);
  TRY_VALUE(const Intake intake, handed_in);
  if (intake != Intake::accepted)
    return fail(ErrorCode::no_daemon, "the daemon does not take the task", "see: baton doctor; then: baton run --resume");
  return Begun{id, std::move(run), studied.analysis.conflicts.size()};
}

/// What became of the branch, where something was to become of it; false: it was not done.
std::pair<std::string, bool> integrate(const Workshop& workshop, const RunOrder& order, const std::string& task_id) {
  Integrator integrator(workshop, order.integrate.value_or(load_catalogue(workshop.folder).config.integrate));
  integrator.expect(task_id);
  const std::vector<Integrated> told = integrator.integrate(true);
  return told.empty() ? std::pair("", true) : std::pair(told.front().line, told.front().done);
}

RunSummary summary_of(const Course& course, const Workshop& workshop, const Begun& begun, CourseEnd end) {
  RunSummary summary;
  summary.plan = course.plan();
  summary.kept_apart = begun.kept_apart;
  if (workshop.worktrees) summary.branch = task_branch_name(begun.task_id);
  const bool all = std::ranges::all_of(summary.plan.subtasks, [](const SubtaskView& each) { return each.status == "completed"; });
  if (end == CourseEnd::interrupted)
    summary.code = exit_code_of_interrupt();
  else if (end == CourseEnd::timed_out)
    summary.code = exit_code::k_timed_out;
  else
    summary.code = all ? exit_code::k_ok : exit_code::k_no;
  return summary;
}

/// What agents of killed runs have left, and worktrees that nobody needs. What had to be saved, or stays, is told.
void clean_up(Context& context, const Workshop& workshop) {
  if (const int orphans = end_orphans(workshop); orphans > 0)
    context.out.note("ended " + std::to_string(orphans) + " processes that agents of an earlier run had left");
  for (const std::string& line : tidy_quietly(workshop)) context.out.note(text::printable(line));
}

Result<int> work(Context& context, OwnDaemon& daemon, Workshop& workshop, const RunOrder& order, const Begun& begun) {
  workshop.task_id = begun.task_id;
  const std::int64_t began = platform::now().mono_ms;
  const std::size_t jobs =
      order.wish.sequential ? 1 : static_cast<std::size_t>(order.wish.max_parallel.value_or(k_usual_parallel));
  Lines lines;
  Tally tally;
  std::atomic<std::size_t> untidied = 0;
  Course course(context, workshop.folder, daemon, lines, {begun.task_id, order.wish.timeout_ms, order.wish.quiet});
  Result<CourseEnd> end = CourseEnd::ended;
  {
    const auto add = [&](const std::string& line) { lines.add(in_short(line, begun.task_id)); };
    const auto ended = [&](const AttemptEnd& each) {
      tally.add(each);
      add(line_about(each));
      if (++untidied % jobs != 0) return;  // others want to merge now
      for (const std::string& line : tidy_quietly(workshop)) add(line);
    };
    Crew crew(workshop, jobs, ended, add);
    end = course.follow(crew);
  }
  const std::string resume = "what was begun is kept; to go on: " + resume_command(context, order, jobs);
  for (const std::string& line : lines.take())
    if (!order.wish.quiet) context.out.line(text::printable(line));
  if (end && *end == CourseEnd::ended) daemon.ask_to_end();  // what follows needs none
  clean_up(context, workshop);
  if (!end) {
    if (end.error().hint.empty() || end.error().code == ErrorCode::no_daemon) end.error().hint = resume;
    return tl::make_unexpected(std::move(end).error());
  }
  course.refresh();
  RunSummary summary = summary_of(course, workshop, begun, *end);
  summary.wall_ms = platform::now().mono_ms - began;
  if (*end == CourseEnd::ended) {
    const auto [words, done] = integrate(workshop, order, begun.task_id);
    summary.integrated = words;
    if (!done) summary.code = exit_code::k_no;
  } else {
    summary.how_to_go_on = resume;
  }
  say_summary(context.out, summary, tally);
  return summary.code;
}

/// Nothing was named that is still to be done.
int say_nothing_left(Output& out) {
  Data data;
  out.data(data.set("prompts", Data::array()));
  out.line("nothing is left to do");
  return exit_code::k_ok;
}

Result<int> run(Context& context) {
  TRY_VALUE(const RunOrder order, order_of(context));
  for (const std::string& note : order.wish.notes) context.out.note(note);
  TRY_VALUE(Place place, place_at_hand(context.globals));
  Studied studied;
  if (!order.resume) {
    TRY_VALUE(studied, study(context, place, order));
    if (!context.out.json() || order.check_only) show_analysis(context.out, studied.prompts, studied.analysis);
    if (order.check_only) return studied.analysis.conflicts.empty() ? exit_code::k_ok : exit_code::k_no;
    if (studied.prompts.empty()) return say_nothing_left(context.out);
  }
  const std::optional<runner::Git> git = place.git;
  TRY_VALUE(const Folder folder, folder_of_run(std::move(place)));
  TRY_VALUE(Workshop workshop, workshop_of(folder, order, git));
  const CatchInterrupt catching;
  OwnDaemon daemon;
  const auto started = daemon.begin(folder);
  if (!order.resume)  // else it was said when it began
    for (const std::string& note : notes_about(workshop, studied.paths)) context.out.note(note);
  auto begun = started.and_then([&] { return daemon.keep(folder); }).and_then([&] {
    clean_up(context, workshop);
    return begin(context, workshop, order, studied);
  });
  if (!begun && interrupted()) return exit_code_of_interrupt();
  if (!begun) return tl::make_unexpected(std::move(begun).error());
  return work(context, daemon, workshop, order, *begun);
}

constexpr Operand k_operands[] = {
    {.name = "PROMPT", .help = "a prompt in Markdown; without any, standard input lists them", .required = false, .many = true},
    {.name = "AGENT",
     .help = "after --: the agent's program and its arguments, instead of master.json's",
     .required = false,
     .many = true,
     .after_dashes = true},
};
constexpr Option k_options[] = {
    {.name = "max-parallel", .letter = 'j', .value = "N", .help = "agents at once (default 4)"},
    {.name = "timeout", .value = "DURATION", .help = "end all agents after that long (exit 124); --resume goes on"},
    {.name = "sequential", .help = "one after the other"},
    {.name = "base", .value = "REF", .help = "what the work begins with (default: what is checked out)"},
    {.name = "integrate", .value = "HOW", .help = "the branch at the end: leave, fast_forward, merge, pull_request"},
    {.name = "conflict-check", .help = "only say which prompts change the same files; exit 1 if any do"},
    {.name = "resume", .help = "go on with the last run that has not ended, or with the one whose id stands in place of prompts"},
    {.name = "fresh", .help = "cancel runs that have not ended and that nobody is at work on"},
};
constexpr Example k_examples[] = {
    {"baton run fix-login.md add-search.md -- claude -p", "two agents, one branch with the work of both"},
    {"baton run prompts/*.md --max-parallel 8", "with the agent of masters/run/master.json"},
    {"baton run a.md b.md --conflict-check", "who would get into whose way"},
};

}  // namespace

constinit const Verb verbs::k_run{.name = "run",
                                  .summary = "Run prompt files in parallel, one agent each, in git worktrees",
                                  .group = Group::begin,
                                  .operands = k_operands,
                                  .options = k_options,
                                  .examples = k_examples,
                                  .run = run};

}  // namespace baton::front
