// A handoff that somebody touched: masters that cannot move files write into it how far they are. docs/protocol.md, "Claim".
#include <algorithm>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/read_results.h"

namespace baton::protocol {
namespace {

using nlohmann::json;
using Says = HandoffIn::Says;

const std::vector<std::string> k_pending{"pending", "pending_pickup", "queued", "ready", "created", "new"};
const std::vector<std::string> k_claimed{"claimed",    "accepted", "picked_up", "in_progress", "processed",
                                         "processing", "running",  "working",   "started",     "assigned"};

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

tl::unexpected<Error> unknown_status(Fields& fields, const std::string& word) {
  std::vector<std::string> known{"pending", "accepted", "picked_up", "in_progress", "processed", "completed", "failed", "killed"};
  const auto near = text::nearest(word, known);
  return fields.document().error(fields.pointer("status"), "unknown status \"" + text::ellipsis(text::printable(word), 60) + "\"",
                                 near ? "did you mean \"" + *near + "\"?" : "use " + text::join(known, ", "));
}

Result<Says> says(Fields& fields) {
  fields.word("status");
  json* status = fields.find("status");
  if (status == nullptr) return Says::pending;
  if (!status->is_string())
    return fields.document().error(fields.pointer("status"), "\"status\" must be a text",
                                   R"(to take it, rename it into claimed/, or set "status": "accepted")");
  const std::string word = status->get<std::string>();
  if (holds(k_pending, word)) return Says::pending;
  if (holds(k_claimed, word)) return Says::claimed;
  const auto end = final_status(word);
  if (!end) return unknown_status(fields, word);
  *status = *end;
  if (word == "killed" && !fields.has("error")) fields.object()["error"] = "killed";
  return *end == "completed" ? Says::completed : Says::failed;
}

/// Of a handoff only what a result may hold is judged; all else in it is the daemon's own, or of others.
json result_members(const json& handoff) {
  json members = json::object();
  for (const char* key :
       {"handoff_id", "subtask_id", "epoch", "attempt", "status", "result", "error", "failure_class", "retry_after", "worker_id"})
    if (const auto found = handoff.find(key); found != handoff.end()) members[key] = *found;
  return members;
}

}  // namespace

Result<HandoffIn> read_handoff(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(bytes));
  if (!document.root().is_object())
    return document.error("", "a handoff must be an object", "leave the handoff as it came; only its status may be changed");
  Fields fields(document, document.root(), "");
  fields.alias("error", {"failure_reason"});
  for (const char* inner : {"task", "task_data"}) fields.alias_inside("subtask_id", inner, "subtask_id");
  HandoffIn handoff;
  TRY_VALUE(handoff.says, says(fields));
  TRY(normalise_result(fields));
  json members = result_members(document.root());
  if (handoff.says == Says::pending || handoff.says == Says::claimed)
    members["status"] = "completed";  // not an end yet: any will do
  TRY(document.validate(Kind::result, members, ""));
  const ResultIn result = convert_result(document, members);
  handoff.subtask_id = result.subtask_id;
  handoff.epoch = result.epoch;
  if (handoff.says == Says::completed || handoff.says == Says::failed) handoff.result = result;
  return handoff;
}

}  // namespace baton::protocol
