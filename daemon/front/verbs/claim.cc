// baton claim: takes the next handoff of a master and prints it. Whoever renames first has it.
#include <csignal>
#include <optional>

#include "front/await.h"
#include "front/claiming.h"
#include "front/handoff_text.h"
#include "front/read_input.h"
#include "front/settle.h"
#include "front/verbs.h"
#include "front/worker_spec.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

/// With --wait: as long as it lives, an interrupt ends the wait, and what was taken can go back.
struct Waiting {
  explicit Waiting(int out) : caller(out) {}
  CatchInterrupt catching;
  Caller caller;
};

Result<std::optional<Claimed>> claim_if_it_stands(const Folder& folder, const std::string& master) {
  if (folder.stands()) return claim_next(folder, master);
  return fail(ErrorCode::not_found, "the coordination folder " + folder.root() + " was removed or moved away",
              "claim anew where it is now");
}

/// Nothing also when the wait was interrupted.
Result<std::optional<Claimed>> claim(const Context& context, const Folder& folder, const std::string& master,
                                     const std::optional<Waiting>& waiting) {
  if (!waiting) return claim_next(folder, master);
  TRY_VALUE(const auto limit, context.arguments.duration_ms("timeout"));
  Result<std::optional<Claimed>> claimed;
  const auto look = [&] {
    claimed = claim_if_it_stands(folder, master);
    return !claimed || claimed->has_value();
  };
  TRY_VALUE(const Woke woke, await(folder, {paths::handoffs(master)}, limit, look, &waiting->caller));
  if (woke == Woke::timed_out)
    return fail(ErrorCode::timed_out, "no handoff for " + master + " came within " + context.arguments.value("timeout"));
  if (woke == Woke::abandoned)
    return fail(ErrorCode::refused, "whoever waited for a handoff of " + master + " is gone, so none is taken");
  return claimed;
}

/// With --prompt FILE the agent's text goes into the file, and the id is what a script needs to answer.
Result<> print(Context& context, const Folder& folder, const Claimed& claimed, const Assignment& assignment) {
  TRY_VALUE(const std::string document, taken_document(folder, claimed.bytes, claimed.handoff));
  context.out.document(document);
  const std::string file = context.arguments.value("prompt");
  if (!file.empty() && file != "-") TRY(write_output(file, prompt_of(claimed.handoff)));
  if (context.out.json()) return {};
  if (file.empty()) context.out.raw(document);
  if (file == "-") context.out.raw(prompt_of(claimed.handoff));
  if (!file.empty() && file != "-") context.out.line(assignment.subtask_id);
  return {};
}

/// Only who has heard of a handoff can answer it.
Result<> tell(Context& context, const Folder& folder, const Claimed& claimed, const Assignment& assignment,
              const std::optional<Waiting>& waiting) {
  TRY(print(context, folder, claimed, assignment));
  if (!context.out.flush()) return fail(ErrorCode::io, "the handoff cannot be printed: standard output takes nothing");
  context.out.note("claimed " + claimed.path);
  await_plan(folder, assignment.task_id, shows_claim(assignment));
  if (waiting && (interrupted() || waiting->caller.left()))
    return fail(ErrorCode::refused, "whoever waited for the handoff is gone");
  return {};
}

/// All that is claimed at the end was told, and the other way round.
Result<> hand_over(Context& context, const Folder& folder, const Claimed& claimed, const Assignment& assignment,
                   const std::optional<Waiting>& waiting) {
  const std::string worker = context.arguments.value("worker");
  TRY_VALUE(const auto pid, context.arguments.number("pid", 0, k_largest_pid));
  Result<> done = worker.empty() ? Result<>{} : write_worker_spec(folder, worker, assignment, {pid.value_or(0), ""});
  const bool at_work = done && !worker.empty();
  if (done) done = tell(context, folder, claimed, assignment, waiting);
  if (done) return {};
  if (at_work) TRY(folder.files().remove(paths::worker_spec(paths::k_workers_active, worker)));
  TRY(give_back(folder, assignment.master, claimed.path));
  Error error = std::move(done).error();
  error.hint = "the handoff was given back" + (error.hint.empty() ? "" : "; " + error.hint);
  return tl::make_unexpected(std::move(error));
}

Result<> check_worker(const Folder& folder, const Arguments& arguments) {
  const std::string worker = arguments.value("worker");
  TRY_VALUE(const auto pid, arguments.number("pid", 0, k_largest_pid));
  if (worker.empty() && pid) return fail(ErrorCode::usage, "--pid is the process of a worker: name it with --worker ID");
  if (worker.empty()) return {};
  TRY(check_pid(pid.value_or(0)));
  TRY(check_worker_id(worker));
  if (folder.exists(paths::worker_spec(paths::k_workers_active, worker)))
    return fail(ErrorCode::refused, "worker " + worker + " is at work already", "give every worker an id of its own");
  return {};
}

/// Before anything is taken: work that was claimed must not be lost to a file that cannot be written.
Result<> check_prompt_file(const Arguments& arguments) {
  const std::string file = arguments.value("prompt", "-");
  return file == "-" ? Result<>{} : write_output(file, "");
}

Result<int> take(Context& context, const std::optional<Waiting>& waiting) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY(check_prompt_file(context.arguments));
  TRY(check_worker(folder, context.arguments));
  TRY_VALUE(const std::string master, find_master(folder, context.arguments.value("master"), "baton claim --master development"));
  if (!folder.daemon()) context.out.note("no daemon is running: nothing new is handed out; start it with: baton daemon");
  TRY_VALUE(const std::optional<Claimed> claimed, claim(context, folder, master, waiting));
  if (claimed) {
    TRY(hand_over(context, folder, *claimed, assignment_of(master, *claimed), waiting));
    return exit_code::k_ok;
  }
  if (waiting) return exit_code_of_interrupt();
  context.out.data(Data::null());
  context.out.note("no handoff waits for " + master);
  return exit_code::k_no;
}

Result<int> run(Context& context) {
  std::signal(SIGPIPE, SIG_IGN);  // a handoff that nobody can read goes back
  std::optional<Waiting> waiting;
  if (context.arguments.has("wait")) waiting.emplace(context.out.descriptor());
  auto code = take(context, waiting);
  if (waiting && interrupted() && !(code && *code == exit_code::k_ok)) end_by_interrupt();
  return code;
}

constexpr Option k_options[] = {
    {.name = "master", .value = "MASTER", .help = "whose work"},
    {.name = "wait", .help = "wait until there is some"},
    {.name = "timeout", .value = "DURATION", .help = "with --wait: give up after that long (exit 124)"},
    {.name = "prompt",
     .value = "FILE",
     .help = "write it as plain text for an agent into FILE and print only the id; - prints the text"},
    {.name = "worker", .value = "ID", .help = "also write a worker spec, to be kept alive with: baton heartbeat ID"},
    {.name = "pid", .value = "PID", .help = "with --worker: the process that does the work, whose end is seen at once; 0 = none"},
};
constexpr Example k_examples[] = {
    {"baton claim --master development", "prints the handoff; exit 1 when there is none"},
    {"baton claim --master development --prompt - | my-agent"},
    {"baton claim --master security --wait --worker sec-1 > handoff.json"},
};

}  // namespace

constinit const Verb verbs::k_claim{.name = "claim",
                                    .summary = "Take the next handoff of a master and print it",
                                    .group = Group::workers,
                                    .options = k_options,
                                    .examples = k_examples,
                                    .run = run};

}  // namespace baton::front
