// Worker specs of every generation. docs/protocol.md, "Claim, work, result".
#include <charconv>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/read_results.h"
#include "protocol/spec_values.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

void normalise_progress(Fields& fields) {
  fields.alias("progress_percent", {"progress"});
  fields.number("progress_percent");
  json* progress = fields.find("progress_percent");
  if (progress == nullptr || !progress->is_number()) return;
  *progress = progress_of(progress->get<double>());
}

/// `output` is as often a text or a list: only what can be a path counts, and nobody's work hangs on it.
void normalise_output_file(Fields& fields) {
  constexpr std::size_t k_longest_path = 4096;
  std::string path;
  for (const char* key : {"output_file", "log_file", "output"}) {
    const std::string written = text_of(fields.object(), key);
    const bool is_path = written.size() < k_longest_path && written.find('\n') == std::string::npos;
    if (path.empty() && is_path) path = written;
  }
  fields.object().erase("output_file");
  if (!path.empty()) fields.object()["output_file"] = path;
}

/// What it has spent so far; nobody's work hangs on it.
void normalise_spending(Fields& fields) {
  constexpr double k_most = 1e15;
  for (const char* key : {"tokens_used", "cost_usd"}) {
    fields.number(key);
    const json* spent = fields.find(key);
    if (spent == nullptr) continue;
    const double number = spent->is_number() ? spent->get<double>() : -1;
    if (!(number >= 0 && number <= k_most)) fields.object().erase(key);
  }
  if (json* tokens = fields.find("tokens_used")) *tokens = tokens_of(tokens->get<double>());
}

/// The end may be told at the top, in the result, or only by a reason for a failure.
std::string_view end_of(Fields& fields) {
  if (const auto end = final_status(text_of(fields.object(), "status"))) return *end;
  if (const json* body = fields.find("result"); body != nullptr && body->is_object())
    if (const auto end = final_status(normal_word(text_of(*body, "status")))) return *end;
  return fields.has("error") ? "failed" : "";
}

Result<> normalise_worker(Fields& fields) {
  fields.alias("master", {"parent_master", "created_by"});
  fields.alias_inside("last_heartbeat", "heartbeat", "last_heartbeat");
  fields.alias_inside("last_heartbeat", "execution", "last_heartbeat");
  fields.alias_inside("started_at", "execution", "started_at");
  fields.alias_inside("error", "execution", "error");
  fields.alias_inside("tokens_used", "execution", "tokens_used");
  fields.alias("current_step", {"current_activity"});
  fields.master("master");
  fields.worker_type("worker_type");
  fields.word("status");
  fields.integer("pid");
  normalise_progress(fields);
  normalise_output_file(fields);
  normalise_spending(fields);
  return normalise_result(fields);
}

std::int64_t time_in(const json& spec, const char* key) {
  const auto at = spec.find(key);
  if (at == spec.end()) return 0;
  return time_of(at->is_string() ? at->get<std::string>() : at->dump());
}

}  // namespace

Result<WorkerIn> read_worker_spec(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(bytes));
  if (!document.root().is_object())
    return document.error("", "a worker spec must be an object",
                          R"(write {"worker_id": "...", "subtask_id": "...", "pid": 1234})");
  Fields fields(document, document.root(), "");
  TRY(normalise_worker(fields));
  TRY(document.validate(Kind::worker_spec));

  const json& spec = document.root();
  WorkerIn worker;
  worker.worker_id = text_of(spec, "worker_id");
  worker.subtask_id = text_of(spec, "subtask_id");
  worker.epoch = static_cast<int>(integer_of(spec, "epoch"));
  worker.progress_percent = spec.contains("progress_percent") ? static_cast<int>(integer_of(spec, "progress_percent")) : -1;
  worker.current_step = text_of(spec, "current_step");
  if (const std::string master = text_of(spec, "master"); is_master_name(master)) worker.master = master;
  worker.host = text_of(spec, "host");
  worker.worktree = text_of(spec, "worktree");
  worker.output_file = text_of(spec, "output_file");
  worker.tokens_used = integer_of(spec, "tokens_used");
  if (spec.contains("cost_usd")) worker.cost_usd = spec["cost_usd"].get<double>();
  if (spec.contains("pid") && spec["pid"].is_number_integer()) worker.pid = integer_of(spec, "pid");
  worker.started_at = time_in(spec, "started_at");
  worker.last_heartbeat = time_in(spec, "last_heartbeat");
  const std::string_view end = end_of(fields);
  worker.has_result = !end.empty();
  worker.result = convert_result(document, spec);  // also without an end: the folder that the spec was moved to may tell it
  worker.result.completed = end == "completed";
  worker.result.from = worker.master;
  return worker;
}

std::optional<std::int64_t> read_pid(std::string_view bytes) {
  const std::string_view digits = text::trim(bytes);
  std::int64_t pid = 0;
  const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  return error == std::errc() && stopped == digits.data() + digits.size() ? std::optional(pid) : std::nullopt;
}

}  // namespace baton::protocol
