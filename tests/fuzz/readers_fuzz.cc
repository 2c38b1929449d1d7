// Whatever bytes come in: no reader crashes, hangs or lets through what must never become a path.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "protocol/config.h"
#include "protocol/door.h"
#include "protocol/spec_reader.h"

using namespace baton;
using namespace baton::protocol;

namespace {

void check_place(const Error& error) {
  BATON_ASSERT(!error.message.empty());
  BATON_ASSERT(error.place.line >= 0 && error.place.column >= 0);
}

template <class T>
bool accepted(const Result<T>& result) {
  if (!result) check_place(result.error());
  return result.has_value();
}

void check_path(const std::string& path) {
  BATON_ASSERT(!path.starts_with("/"));
  BATON_ASSERT(path != ".." && !path.starts_with("../") && path.find("/../") == std::string::npos);
  BATON_ASSERT(path.find('\0') == std::string::npos);
}

void check_steps(const std::vector<core::SubtaskSpec>& steps) {
  for (const core::SubtaskSpec& step : steps) {
    BATON_ASSERT(step.id.empty() || is_record_id(step.id));
    BATON_ASSERT(step.assigned_to.empty() || is_master_name(step.assigned_to));
    BATON_ASSERT(!step.title.empty() || !step.description.empty());
    for (const std::string& id : step.dependencies) BATON_ASSERT(is_record_id(id));
    for (const std::string& file : step.files_affected) check_path(file);
  }
}

void check_task(const TaskIn& task) {
  BATON_ASSERT(task.spec.id.empty() || is_task_id(task.spec.id));
  BATON_ASSERT(task.spec.assigned_to.empty() || is_master_name(task.spec.assigned_to));
  BATON_ASSERT(!task.spec.title.empty() || !task.spec.description.empty());
  for (const std::string& id : task.spec.depends_on) BATON_ASSERT(is_task_id(id));
  for (const std::string& file : task.spec.files_affected) check_path(file);
  check_steps(task.spec.subtasks);
}

void check_result(const ResultIn& result) {
  BATON_ASSERT(result.subtask_id.empty() || is_record_id(result.subtask_id));
  BATON_ASSERT(result.worker_id.empty() || is_record_id(result.worker_id));
  BATON_ASSERT(result.epoch >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool is_json = accepted(check_json(bytes));
  if (const auto tasks = read_dropped_json(bytes); accepted(tasks)) {
    BATON_ASSERT(is_json && !tasks->empty());
    for (const TaskIn& task : *tasks) check_task(task);
  }
  if (const auto task = read_dropped_markdown(bytes); accepted(task)) check_task(*task);
  if (const auto task = read_queue_entry(bytes); accepted(task)) check_task(*task);
  if (const auto result = read_result(bytes); accepted(result)) check_result(*result);
  if (const auto handoff = read_handoff(bytes); accepted(handoff)) check_result(handoff->result);
  if (const auto worker = read_worker_spec(bytes); accepted(worker)) {
    check_result(worker->result);
    SpecReader reader;
    BATON_ASSERT(reader.read(bytes).has_value() && reader.read(bytes).value().progress_percent == worker->progress_percent);
  }
  if (const auto command = read_command(bytes); accepted(command))
    BATON_ASSERT(command->subject.empty() || is_record_id(command->subject));
  if (const auto steps = read_planner_answer(bytes); accepted(steps)) check_steps(*steps);
  accepted(read_config(bytes));
  accepted(read_master("fuzz", bytes));
  accepted(read_playbook("fuzz", bytes));
  return 0;
}
