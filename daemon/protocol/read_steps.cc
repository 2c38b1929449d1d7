#include "protocol/read_steps.h"

#include "base/ids.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

Result<> normalise_step(Document& document, json& step, const std::string& pointer, Commands commands) {
  if (step.is_string()) {  // a title is all that some planners print
    json title = std::move(step);
    step = json{{"title", std::move(title)}};
    document.moved(pointer + "/title", pointer);
  }
  if (!step.is_object()) return {};
  Fields fields(document, step, pointer);
  fields.alias("subtask_id", {"id"});
  normalise_piece(fields, "assigned_to", {"master", "to_master", "to_agent", "to"});
  fields.text("title");
  fields.text("estimated_complexity");
  TRY(normalise_checkpoint(fields, commands));
  TRY(fields.id("subtask_id", is_record_id));
  return fields.ids("dependencies", is_record_id);
}

Result<core::SubtaskSpec> convert_step(const Document& document, const json& step, const std::string& pointer) {
  core::SubtaskSpec spec;
  spec.id = text_of(step, "subtask_id");
  convert_piece(step, spec);
  spec.assigned_to = text_of(step, "assigned_to");
  spec.estimated_complexity = text_of(step, "estimated_complexity");
  spec.orchestration_prompt = text_of(step, "orchestration_prompt");
  TRY_VALUE(spec.files_affected, files_of(document, step, pointer));
  TRY_VALUE(spec.checkpoint, checkpoint_of(document, step, pointer));
  TRY_VALUE(spec.time_limit_ms, time_limit_of(document, step, pointer));
  return spec;
}

std::string step_pointer(const std::string& pointer, std::size_t index) { return pointer + "/subtasks/" + std::to_string(index); }

}  // namespace

void normalise_piece(Fields& fields, const char* master, std::initializer_list<const char*> older_master) {
  fields.alias("dependencies", {"depends_on"});
  fields.alias(master, older_master);
  fields.alias("estimated_duration_minutes", {"estimated_minutes"});
  fields.alias("files_affected", {"files"});
  fields.master(master);
  fields.worker_type("worker_type");
  fields.integer("estimated_duration_minutes");
  fields.integer("estimated_tokens");
  fields.boolean("orchestrate");
  for (const char* key : {"dependencies", "files_affected"}) fields.items(key);
  fields.joined("success_criteria");
}

Result<> normalise_steps(Fields& fields, Commands commands) {
  json* steps = fields.find("subtasks");
  if (steps == nullptr || !steps->is_array()) return {};
  if (steps->empty()) {
    fields.object().erase("subtasks");
    return {};
  }
  for (std::size_t i = 0; i < steps->size(); ++i)
    TRY(normalise_step(fields.document(), (*steps)[i], fields.pointer("subtasks") + "/" + std::to_string(i), commands));
  return {};
}

Result<std::vector<core::SubtaskSpec>> convert_steps(const Document& document, const json& object, const std::string& pointer) {
  std::vector<core::SubtaskSpec> specs;
  const auto steps = object.find("subtasks");
  if (steps == object.end()) return specs;
  specs.reserve(steps->size());
  for (std::size_t i = 0; i < steps->size(); ++i) {
    TRY_VALUE(core::SubtaskSpec spec, convert_step(document, (*steps)[i], step_pointer(pointer, i)));
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace baton::protocol
