// baton work: plays a master. It claims handoffs and has an agent do each of them, in a git worktree of its own.
#include <chrono>
#include <mutex>
#include <vector>

#include "base/text.h"
#include "front/await.h"
#include "front/verbs.h"
#include "front/work/crew.h"
#include "front/work/tidy.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_most_jobs = 256;
constexpr std::size_t k_shown_files = 5;
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
  return end.subtask_id + ": " + words_for(end.how) + (end.message.empty() ? "" : ": " + text::printable(end.message));
}

void warn_of_uncommitted(Output& out, const Workshop& workshop) {
  const std::vector<std::string> files = uncommitted(workshop, k_shown_files);
  if (files.empty()) return;
  out.note("agents begin with the last commit; they do not see what is changed here and not committed: " +
           text::join(files, ", ") + (files.size() == k_shown_files ? ", ..." : ""));
}

/// Until somebody ends it, or with --once until nothing is left to do.
Result<> keep_going(const Folder& folder, const Workshop& workshop, Crew& crew, bool once) {
  if (once) {
    while (!interrupted() && !crew.wait_until_idle(k_look)) {
    }
    return {};
  }
  TRY_VALUE(Waiter waiter, Waiter::open(folder, {paths::handoffs(workshop.master), std::string(paths::k_reports)}));
  crew.look();  // what came before it was watched
  while (!interrupted() && !crew.failure()) {
    if (!folder.stands())
      return fail(ErrorCode::not_found, "the coordination folder " + folder.root() + " was removed or moved away");
    // A thread that cannot go on makes no file.
    if (waiter.sleep(k_failure_ms) == Woke::changed) crew.look();
  }
  return {};
}

Result<int> run(Context& context) {
  const Arguments& arguments = context.arguments;
  TRY_VALUE(const auto jobs, arguments.number("jobs", 1, k_most_jobs));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const std::string master, find_master(folder, arguments.value("master"), "baton work --master development"));
  TRY_VALUE(const Workshop workshop, open_workshop(folder, master, arguments.values("AGENT")));
  const CatchInterrupt catching;
  if (!folder.daemon()) context.out.note("no daemon is running: nothing new is handed out; start it with: baton daemon");
  warn_of_uncommitted(context.out, workshop);
  if (const int orphans = end_orphans(workshop); orphans > 0)
    context.out.note("ended " + std::to_string(orphans) + " processes that agents of an earlier `baton work` had left");
  for (const std::string& line : tidy(workshop)) context.out.note(line);

  Result<> done;
  std::optional<Error> failure;
  {
    std::mutex printing;
    const auto say = [&](const std::string& line) {
      const std::scoped_lock one(printing);
      context.out.line(line);
      static_cast<void>(context.out.flush());
    };
    const auto ended = [&](const AttemptEnd& end) {
      say(line_about(end));
      for (const std::string& line : tidy(workshop)) say(line);
    };
    Crew crew(workshop, static_cast<std::size_t>(jobs.value_or(1)), ended, say);
    done = keep_going(folder, workshop, crew, arguments.has("once"));
    failure = crew.failure();
  }
  for (const std::string& line : tidy(workshop)) context.out.note(line);
  if (failure) return tl::make_unexpected(std::move(*failure));
  TRY(std::move(done));
  return interrupted() ? exit_code_of_interrupt() : static_cast<int>(exit_code::k_ok);
}

constexpr Operand k_operands[] = {{.name = "AGENT",
                                   .help = "after --: the agent's program and its arguments, instead of master.json's",
                                   .required = false,
                                   .many = true}};
constexpr Option k_options[] = {
    {.name = "master", .value = "MASTER", .help = "whose work"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "agents at once (default 1)"},
    {.name = "once", .help = "end when nothing is left to do"},
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
