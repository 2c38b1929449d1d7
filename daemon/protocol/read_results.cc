#include "protocol/read_results.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/ids.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/door.h"
#include "protocol/json_write.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

constexpr const char* k_worktree = "worktree";
constexpr std::array<const char*, 4> k_body{"summary", "artifacts", "files_modified", "tokens_used"};

/// Some give their lists as objects; what matters of them is a path or a name.
void as_texts(json& list) {
  for (json& item : list) {
    if (item.is_string()) continue;
    std::string words;
    for (const char* key : {"path", "file", "name"})
      if (words.empty() && item.is_object()) words = text_of(item, key);
    item = words.empty() ? item.dump() : words;
  }
}

/// A body that is only words is its summary; what stands beside the body belongs into it.
void gather_body(Fields& fields) {
  json* body = fields.find("result");
  if (body != nullptr && body->is_string()) {
    json summary = std::move(*body);
    *body = json{{"summary", std::move(summary)}};
    fields.document().moved(fields.pointer("result") + "/summary", fields.pointer("result"));
  }
  for (const char* key : k_body) {
    json* beside = fields.find(key);
    if (beside == nullptr || (body != nullptr && !body->is_object())) continue;
    if (body == nullptr) {
      fields.object()["result"] = json::object();
      body = fields.find("result");
      beside = fields.find(key);
    }
    if (body->contains(key)) continue;
    (*body)[key] = *beside;
    fields.document().moved(fields.pointer("result") + "/" + key, fields.pointer(key));
  }
}

void normalise_body(Fields& fields) {
  json* body = fields.find("result");
  if (body == nullptr || !body->is_object()) return;
  Fields inner(fields.document(), *body, fields.pointer("result"));
  inner.alias("summary", {"message"});
  inner.integer("tokens_used");
  if (json* summary = inner.find("summary"); summary != nullptr && !summary->is_string()) {
    (*body)["details"] = *summary;
    inner.document().moved(inner.pointer("details"), inner.pointer("summary"));
    body->erase("summary");
  }
  for (const char* key : {"artifacts", "files_modified"}) {
    inner.items(key);
    if (json* list = inner.find(key)) as_texts(*list);
  }
}

/// What else the body holds, as its author wrote it.
std::string convert_rest(const Document& document, const json& body, bool names_worktree) {
  std::string data;
  for (const auto& [key, value] : body.items()) {
    if (std::find(k_body.begin(), k_body.end(), key) != k_body.end()) continue;
    if (names_worktree && key == k_worktree) continue;
    data += (data.empty() ? "{" : ",") + json_string(key) + ":" + carried_of(document, body, "/result", key);
  }
  return data.empty() ? data : data + "}";
}

core::Outcome convert_outcome(const Document& document, const json& object) {
  core::Outcome outcome;
  const auto body = object.find("result");
  if (body == object.end()) return outcome;
  outcome.summary = text_of(*body, "summary");
  outcome.artifacts = texts_of(*body, "artifacts");
  outcome.files_modified = texts_of(*body, "files_modified");
  outcome.tokens_used = integer_of(*body, "tokens_used");
  // A path, or anything else of that name, is somebody's own.
  if (std::string name = text_of(*body, k_worktree); is_record_id(name)) outcome.worktree = std::move(name);
  outcome.data = convert_rest(document, *body, !outcome.worktree.empty());
  return outcome;
}

void normalise_error(Fields& fields) {
  fields.alias("error", {"failure_reason", "error_message"});
  json* error = fields.find("error");
  if (error == nullptr || error->is_string()) return;
  const std::string message = error->is_object() ? text_of(*error, "message") : "";
  *error = message.empty() ? error->dump() : message;
}

Result<> require_status(Fields& fields) {
  fields.word("status");
  json* status = fields.find("status");
  if (status == nullptr)
    return fields.document().error("", "\"status\" is missing", "add \"status\": \"completed\" or \"status\": \"failed\"");
  if (!status->is_string()) return {};
  if (const auto word = final_status(status->get_ref<const std::string&>())) *status = *word;
  return {};
}

}  // namespace

std::optional<std::string_view> final_status(std::string_view word) {
  static constexpr std::array<std::string_view, 7> k_completed{"completed", "complete", "finished", "success",
                                                               "succeeded", "done",     "ok"};
  static constexpr std::array<std::string_view, 5> k_failed{"failed", "failure", "fail", "error", "killed"};
  if (std::find(k_completed.begin(), k_completed.end(), word) != k_completed.end()) return "completed";
  if (std::find(k_failed.begin(), k_failed.end(), word) != k_failed.end()) return "failed";
  return std::nullopt;
}

Result<> normalise_result(Fields& fields) {
  fields.alias("subtask_id", {"task_id"});
  fields.alias("from", {"from_master", "from_agent"});
  fields.alias("to", {"to_master", "to_agent"});
  fields.alias("result", {"results"});
  fields.master("from");
  fields.integer("epoch");
  fields.integer("attempt");
  fields.word("failure_class");
  normalise_error(fields);
  gather_body(fields);
  normalise_body(fields);
  TRY(fields.id("worker_id", is_record_id));
  return fields.id("subtask_id", is_record_id);
}

/// A duration ("30m"), seconds (90, "90") or a time stamp. What it is not is not said: the longest back-off is waited then.
void convert_retry_after(const json& object, ResultIn& result) {
  const auto found = object.find("retry_after");
  if (found == object.end()) return;
  const std::string text = found->is_string() ? std::string(text::trim(found->get_ref<const std::string&>())) : found->dump();
  constexpr double k_longest_s = 1e9;  // more is a point in time
  if (const auto duration = parse_duration(text)) {
    result.retry_after_ms = *duration;
  } else if (double seconds = 0;
             std::from_chars(text.data(), text.data() + text.size(), seconds).ptr == text.data() + text.size() && seconds >= 0 &&
             seconds < k_longest_s) {
    result.retry_after_ms = static_cast<std::int64_t>(std::ceil(seconds * 1000));
  } else if (const auto stamp = parse_timestamp(text)) {
    result.retry_at = stamp->wall_ms;
  }
}

ResultIn convert_result(const Document& document, const json& object) {
  ResultIn result;
  result.subtask_id = text_of(object, "subtask_id");
  result.from = text_of(object, "from");
  result.worker_id = text_of(object, "worker_id");
  result.epoch = static_cast<int>(integer_of(object, "epoch"));
  result.completed = text_of(object, "status") == "completed";
  result.outcome = convert_outcome(document, object);
  result.error = text_of(object, "error");
  result.failure_class =
      core::parse<core::FailureClass>(text_of(object, "failure_class")).value_or(core::FailureClass::transient);
  convert_retry_after(object, result);
  return result;
}

Result<ResultIn> read_result(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(without_fence(bytes)));
  if (document.root().is_object()) {
    Fields fields(document, document.root(), "");
    fields.alias("status", {"task_status"});
    TRY(require_status(fields));
    TRY(normalise_result(fields));
  }
  TRY(document.validate(Kind::result));
  return convert_result(document, document.root());
}

}  // namespace baton::protocol
