#include "front/dom.h"
#include "front/views.h"
#include "front/views_parse.h"

namespace baton::front {
namespace {

/// A text as it is, anything else as JSON.
std::string carried(const dom::Object& object, std::string_view key) {
  dom::Element value;
  if (object[key].get(value) != simdjson::SUCCESS || value.is_null()) return {};
  const std::string text = dom::text(object, key);
  return text.empty() && !value.is_string() ? simdjson::minify(value) : text;
}

/// In words, with the commands that decide: whoever does the work can run them first.
std::string checkpoint_text(const dom::Object& checkpoint) {
  std::string text = dom::text(checkpoint, "description");
  simdjson::dom::array commands;
  if (checkpoint["commands"].get(commands) != simdjson::SUCCESS) return text;
  text += std::string(text.empty() ? "" : "\n\n") + "These commands have to end with exit code 0:\n";
  for (const dom::Element command : commands) text += "\n- " + simdjson::minify(command);
  return text;
}

void add_task(const dom::Object& root, HandoffView& handoff) {
  dom::within(root, "task", [&](const dom::Object& task) {
    handoff.title = dom::text(task, "title");
    handoff.description = dom::text(task, "description");
    handoff.type = dom::text(task, "type");
    handoff.worker_type = dom::text(task, "worker_type");
    handoff.files = dom::texts(task, "files_affected");
    handoff.success_criteria = dom::text(task, "success_criteria");
    handoff.checkpoint = dom::text(task, "checkpoint");
    dom::within(task, "checkpoint", [&](const dom::Object& inner) { handoff.checkpoint = checkpoint_text(inner); });
    handoff.instructions = dom::text(task, "orchestration_prompt");
    handoff.carried_context = carried(task, "context");
  });
}

void add_surroundings(const dom::Object& root, HandoffView& handoff) {
  dom::within(root, "context",
              [&](const dom::Object& context) { handoff.context = dom::text(context, "orchestration_context"); });
  dom::within(root, "request", [&](const dom::Object& request) {
    handoff.request_title = dom::text(request, "title");
    handoff.request_description = dom::text(request, "description");
    handoff.request_criteria = dom::text(request, "success_criteria");
  });
  dom::within(root, "retry", [&](const dom::Object& retry) {
    handoff.retry_reason = dom::text(retry, "reason");
    handoff.last_failure = dom::text(retry, "last_failure");
    dom::within(retry, "last_check", [&](const dom::Object& check) { handoff.last_output = dom::text(check, "output"); });
  });
  dom::each(root, "upstream_results", [&](const dom::Object& item) {
    handoff.upstream.push_back({dom::text(item, "subtask_id"), dom::text(item, "summary"), dom::text(item, "subtask_file"),
                                dom::texts(item, "artifacts"), dom::texts(item, "files_modified")});
  });
}

}  // namespace

Result<HandoffView> read_handoff_view(std::string_view bytes) {
  simdjson::dom::parser parser;
  TRY_VALUE(const dom::Object root, parse_object(parser, bytes, "the handoff"));
  HandoffView handoff;
  handoff.handoff_id = dom::text(root, "handoff_id");
  handoff.to = dom::text(root, "to");
  handoff.subtask_id = dom::text(root, "subtask_id");
  handoff.orchestration_id = dom::text(root, "parent_orchestration");
  handoff.priority = dom::text(root, "priority");
  handoff.status = dom::text(root, "status");
  handoff.created_at = dom::text(root, "created_at");
  handoff.result_file = dom::text(root, "result_file");
  handoff.deadline = dom::text(root, "deadline");
  handoff.epoch = dom::integer(root, "epoch");
  handoff.attempt = dom::integer(root, "attempt");
  add_task(root, handoff);
  add_surroundings(root, handoff);
  return handoff;
}

}  // namespace baton::front
