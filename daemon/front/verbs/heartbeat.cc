// baton heartbeat: a worker says that it is alive, and how far it is.
#include "front/verbs.h"
#include "front/worker_spec.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

Result<int> run(Context& context) {
  const std::string worker = context.arguments.value("WORKER");
  TRY(check_worker_id(worker));
  TRY_VALUE(const auto progress, context.arguments.number("progress", 0, 100));
  TRY_VALUE(const auto pid, context.arguments.number("pid", 0, k_largest_pid));
  TRY(check_pid(pid.value_or(0)));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const std::string subtask = context.arguments.value("subtask");
  if (!subtask.empty() && !folder.exists(paths::worker_spec(paths::k_workers_active, worker))) {
    TRY_VALUE(const Assignment assignment, find_assignment(folder, subtask));
    TRY(write_worker_spec(folder, worker, assignment, {pid.value_or(0), ""}));
  }
  TRY(give_sign(folder, worker, {.progress = progress, .step = context.arguments.value("step"), .pid = pid.value_or(0)}));
  Data data;
  data.set("worker_id", worker);
  context.out.data(data);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"WORKER", "the worker's id"}};
constexpr Option k_options[] = {
    {.name = "progress", .value = "N", .help = "percent, 0 to 100"},
    {.name = "step", .value = "TEXT", .help = "what it does at present"},
    {.name = "subtask", .value = "ID", .help = "what it works on; needed the first time, unless it claimed with --worker"},
    {.name = "pid", .value = "PID", .help = "the process that does the work: its end is seen at once; 0 = none"},
};
constexpr Example k_examples[] = {
    {"baton heartbeat dev-1 --subtask auth-002-backend", "the first sign of a worker"},
    {"my-agent < task & baton heartbeat dev-1 --pid $!"},
    {"baton heartbeat dev-1 --progress 40 --step \"writing tests\""},
};

}  // namespace

constinit const Verb verbs::k_heartbeat{.name = "heartbeat",
                                        .summary = "Say that a worker is alive and how far it is",
                                        .group = Group::workers,
                                        .operands = k_operands,
                                        .options = k_options,
                                        .examples = k_examples,
                                        .run = run};

}  // namespace baton::front
