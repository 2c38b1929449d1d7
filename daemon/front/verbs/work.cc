// baton work: plays a master. It claims handoffs and has an agent do each of them, in a git worktree of its own.
#include <chrono>
#include <mutex>
#include <vector>

#include "base/text.h"
#include "front/await.h"
#include "front/catalogue.h"
#include "front/settle.h"
#include "front/verbs.h"
#include "front/work/branch.h"
#include "front/work/crew.h"
#include "front/work/integrator.h"
#include "front/work/tidy.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_most_jobs = 256;
constexpr std::chrono::milliseconds k_look{250};
constexpr std::int64_t k_failure_ms = 1'000;  // within which it is told that no thread can claim any more

std::string words_for(AttemptEnd::How how) {
  switch (how) {
    case AttemptEnd::How::completed: return "completed";
    case AttemptEnd::How::failed: return "failed";
    case AttemptEnd::How::withdrawn: return "withdrawn";
    case AttemptEnd::How::given_back: return "given back";
  }
  return "";
}

std::string line_about(const AttemptEnd& end) {
  return end.job.subtask_id + ": " + words_for(end.how) + (end.message.empty() ? "" : ": " + text::printable(end.message));
}

/// One `baton work` from its start to its end.
class Shift {
 public:
  /// `once`: until nothing is left to do; else until somebody ends it.
  Shift(Context& context, const Workshop& workshop, bool once)
      : context_(context),
        workshop_(workshop),
        once_(once),
        integrator_(workshop, load_catalogue(workshop.folder).config.integrate) {}

  Result<> work(std::size_t jobs) {
    integrator_.expect_left();
    Result<> done;
    std::optional<Error> failure;
    {
      Crew crew(
          workshop_, jobs, [this](const AttemptEnd& end) { note_end(end); }, [this](const std::string& line) { say(line); });
      done = once_ ? finish_all(crew, jobs) : keep_going(crew);
      failure = crew.failure();
    }
    if (once_) await_views();
    integrate(once_);
    for (const std::string& line : tidy_quietly(workshop_)) context_.out.note(line);
    if (failure) return tl::make_unexpected(std::move(*failure));
    return done;
  }

 private:
  void say(const std::string& line) {
    const std::scoped_lock one(printing_);
    context_.out.line(line);
    static_cast<void>(context_.out.flush());
  }

  void note_end(const AttemptEnd& end) {
    say(line_about(end));
    integrator_.expect(end.job.task_id);
    if (once_) {
      const std::scoped_lock one(printing_);
      ended_.push_back(end);
      put_off_ = end.may_go_later ? put_off_ + 1 : 0;
    }
    for (const std::string& line : tidy_quietly(workshop_)) say(line);
  }

  void integrate(bool wait) {
    for (const Integrated& each : integrator_.integrate(wait)) say(text::printable(each.line));
  }

  /// What was answered shows: only then it is known which worktrees nobody needs.
  void await_views() {
    for (const AttemptEnd& end : ended_)
      if (end.how == AttemptEnd::How::completed || end.how == AttemptEnd::How::failed)
        await_plan(workshop_.folder, end.job.task_id, shows_answer(end.job));
  }

  /// waiting: somebody has tried twice, and nothing has gone meanwhile. It would go on like that.
  Result<> finish_all(Crew& crew, std::size_t jobs) {
    while (!interrupted() && !crew.wait_until_idle(k_look)) {
      if (crew.busy() > 0) continue;
      const std::scoped_lock one(printing_);
      if (put_off_ <= jobs) continue;
      return fail(ErrorCode::waiting, ended_.back().job.subtask_id + " was given back: " + ended_.back().message,
                  "mend that, and start it again");
    }
    return {};
  }

  Result<> keep_going(Crew& crew) {
    const Folder& folder = workshop_.folder;
    TRY_VALUE(Waiter waiter, Waiter::open(folder, {paths::handoffs(workshop_.master), std::string(paths::k_reports)}));
    crew.look();  // what came before it was watched
    while (!interrupted() && !crew.failure()) {
      if (!folder.stands())
        return fail(ErrorCode::not_found, "the coordination folder " + folder.root() + " was removed or moved away");
      integrate(false);
      // A thread that cannot go on makes no file.
      if (waiter.sleep(k_failure_ms) == Woke::changed) crew.look();
    }
    return {};
  }

  Context& context_;
  const Workshop& workshop_;
  bool once_;
  Integrator integrator_;
  std::mutex printing_;
  std::vector<AttemptEnd> ended_;
  std::size_t put_off_ = 0;  // attempts that were given back for something that is short or taken, since any went
};

Result<int> run(Context& context) {
  const Arguments& arguments = context.arguments;
  TRY_VALUE(const auto jobs, arguments.number("jobs", 1, k_most_jobs));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const std::string master, find_master(folder, arguments.value("master"), "baton work --master development"));
  TRY_VALUE(const Workshop workshop, open_workshop(folder, master, arguments.values("AGENT")));
  const CatchInterrupt catching;
  if (!folder.daemon()) context.out.note("no daemon is running: nothing new is handed out; start it with: baton daemon");
  for (const std::string& note : notes_about(workshop)) context.out.note(note);
  if (const int orphans = end_orphans(workshop); orphans > 0)
    context.out.note("ended " + std::to_string(orphans) + " processes that agents of an earlier `baton work` had left");
  for (const std::string& line : tidy_quietly(workshop)) context.out.note(line);
  TRY(Shift(context, workshop, arguments.has("once")).work(static_cast<std::size_t>(jobs.value_or(1))));
  return interrupted() ? exit_code_of_interrupt() : static_cast<int>(exit_code::k_ok);
}

constexpr Operand k_operands[] = {{.name = "AGENT",
                                   .help = "after --: the agent's program and its arguments, instead of master.json's",
                                   .required = false,
                                   .many = true,
                                   .after_dashes = true}};
constexpr Option k_options[] = {
    {.name = "master", .value = "MASTER", .help = "whose work"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "agents at once (default 1)"},
    {.name = "once", .help = "end when nothing is left to do, or nothing can be done (exit 6)"},
};
constexpr Example k_examples[] = {
    {"baton work --master development --jobs 3", "with the agent of masters/development/master.json"},
    {"baton work --master security -- my-agent --quiet", "with this one; the prompt comes on standard input"},
    {"baton work --master cicd --once -- ./agent.sh {prompt_file} {result_file}"},
};

}  // namespace

constinit const Verb verbs::k_work{.name = "work",
                                   .summary = "Have an agent do a master's work, each step in a git worktree of its own",
                                   .group = Group::workers,
                                   .operands = k_operands,
                                   .options = k_options,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
