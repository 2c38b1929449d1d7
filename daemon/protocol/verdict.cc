#include "protocol/verdict.h"

#include <algorithm>

#include "base/time.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"
#include "protocol/json_write.h"
#include "protocol/queue_file.h"

namespace baton::protocol {
namespace {

constexpr std::string_view k_member = "verdict";

std::string verdict_of(std::string_view document) {
  return check_json(document) ? compact(value_at(without_bom(document), "/verdict")) : std::string();
}

}  // namespace

std::string write_verdict(std::string_view worker_id, const core::WorkerVerdict& verdict, std::int64_t wall_ms) {
  JsonWriter out;
  out.begin_object();
  out.member("worker_id", worker_id);
  out.begin_object(k_member);
  out.member("state", core::name(verdict.state));
  out.member("reason", verdict.reason);
  out.member("evidence", verdict.evidence);
  out.member("at", format_utc(wall_ms));
  out.end_object();
  out.end_object();
  return out.take_line();
}

std::optional<std::string> with_verdict(std::string_view spec, std::string_view verdict_document) {
  if (!check_json(spec)) return std::nullopt;
  const std::string_view text = without_bom(spec);
  if (!is_object_text(text)) return std::nullopt;
  const auto is_verdict = [](const JsonMember& member) { return member.key == k_member; };
  if (std::ranges::any_of(object_members(text), is_verdict)) return std::nullopt;
  const std::string_view mark = spec.substr(0, spec.size() - text.size());
  return std::string(mark) + patch_entry(text, {{std::string(k_member), verdict_of(verdict_document)}});
}

bool carries_verdict(std::string_view bytes, std::string_view verdict_document) {
  const std::string verdict = verdict_of(verdict_document);
  return !verdict.empty() && verdict_of(bytes) == verdict;
}

}  // namespace baton::protocol
