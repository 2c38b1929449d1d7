#include "front/views.h"

#include "base/text.h"
#include "front/dom.h"
#include "front/views_parse.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

TaskRow task_row(const dom::Object& item) {
  TaskRow row;
  row.id = paths::task_of_orchestration(dom::text(item, "orchestration_id"));
  row.title = dom::text(item, "title");
  row.status = dom::text(item, "status");
  row.priority = dom::text(item, "priority");
  row.health = dom::text(item, "health");
  row.created_at = dom::text(item, "created_at");
  row.simple = dom::flag(item, "simple");
  row.current_stage = dom::integer(item, "current_stage");
  row.progress = dom::integer(item, "progress_percent");
  row.active = dom::texts(item, "active_subtasks");
  row.masters = dom::texts(item, "masters");
  row.parent_task = paths::task_of_orchestration(dom::text(item, "parent_orchestration"));
  row.parent_subtask = dom::text(item, "parent_subtask_id");
  return row;
}

void add_masters(const dom::Object& root, StateView& state) {
  dom::within(root, "masters", [&](const dom::Object& masters) {
    for (const auto& [name, value] : masters) {
      dom::Object inner;
      if (value.get(inner) != simdjson::SUCCESS) continue;
      state.masters.push_back(
          {std::string(name), dom::integer(inner, "queued"), dom::integer(inner, "active"), dom::integer(inner, "max_active")});
    }
  });
}

std::string value_text(const dom::Element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return simdjson::minify(value);
  std::vector<std::string> parts;
  for (dom::Element element : array) parts.push_back(value_text(element));
  return text::join(parts, ", ");
}

}  // namespace

Result<StateView> read_state(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the state"));
  StateView state;
  state.active = dom::integer(root, "active_orchestrations");
  state.total = dom::integer(root, "total_orchestrations");
  state.completed = dom::integer(root, "completed_orchestrations");
  state.failed = dom::integer(root, "failed_orchestrations");
  state.seq = dom::number(root, "seq");
  state.paused = dom::flag(root, "paused");
  dom::within(root, "limits", [&](const dom::Object& limits) {
    state.max_orchestrations = dom::integer(limits, "max_active_orchestrations");
    state.max_subtasks = dom::integer(limits, "max_active_subtasks");
  });
  state.updated_at = dom::text(root, "last_update");
  dom::each(root, "current_orchestrations", [&](const dom::Object& item) { state.tasks.push_back(task_row(item)); });
  dom::each(root, "attention", [&](const dom::Object& item) {
    state.attention.push_back(
        {dom::text(item, "task_id"), dom::text(item, "subtask_id"), dom::text(item, "reason"), dom::text(item, "message")});
  });
  add_masters(root, state);
  dom::within(root, "daemon", [&](const dom::Object& daemon) {
    state.daemon_pid = dom::number(daemon, "pid");
    state.daemon_state = dom::text(daemon, "state");
    state.daemon_version = dom::text(daemon, "version");
    state.started_at = dom::text(daemon, "started_at");
    state.message = dom::text(daemon, "message");
  });
  return state;
}

Result<WorkerView> read_worker(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the worker's spec"));
  WorkerView worker{dom::text(root, "subtask_id"), dom::text(root, "current_step"), dom::integer(root, "progress_percent"), "",
                    dom::text(root, "worktree")};
  for (const char* key : {"output_file", "log_file"})
    if (worker.output_file.empty()) worker.output_file = dom::text(root, key);
  if (worker.subtask_id.empty()) worker.subtask_id = dom::text(root, "task_id");
  return worker;
}

Result<AnswerView> read_answer(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the answer"));
  return AnswerView{dom::flag(root, "ok"), dom::text(root, "message")};
}

Result<ReasonView> read_reason(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the reason"));
  const auto read = [](const dom::Object& object) {
    return ReasonView{dom::text(object, "code"),     dom::text(object, "message"), dom::text(object, "hint"),
                      dom::text(object, "pointer"),  dom::text(object, "file"),    dom::integer(object, "line"),
                      dom::integer(object, "column")};
  };
  ReasonView reason = read(root);
  if (reason.message.empty()) dom::within(root, "error", [&](const dom::Object& error) { reason = read(error); });
  return reason;
}

Result<EventView> read_event(std::string_view line) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, line, "the feed line"));
  EventView event;
  event.seq = dom::number(root, "seq");
  for (const auto& [name, value] : root) {
    if (name == "timestamp")
      event.timestamp = value_text(value);
    else if (name == "type")
      event.type = value_text(value);
    else if (name == "task_id")
      event.task_id = value_text(value);
    else if (name == "subtask_id")
      event.subtask_id = value_text(value);
    else if (name == "worker_id")
      event.worker_id = value_text(value);
    else if (name == "seq" || name == "epoch_ms" || name == "orchestration_id" || name == "schema_version")
      continue;
    else
      event.fields.emplace_back(name, value_text(value));
  }
  if (event.task_id.empty()) event.task_id = paths::task_of_orchestration(dom::text(root, "orchestration_id"));
  return event;
}

}  // namespace baton::front
