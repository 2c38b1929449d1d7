#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"
#include "protocol/json_write.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

constexpr std::array<std::string_view, 5> k_answer_members = {"ok", "message", "findings", "request", "answered_at"};

// What was asked stands in the answer; a request that is no object has nothing to carry.
void request_members(JsonWriter& out, std::string_view request) {
  if (!check_json(request)) return;
  request = without_bom(request);
  for (const JsonMember& member : object_members(request)) {
    if (std::ranges::find(k_answer_members, member.key) != k_answer_members.end()) continue;
    out.key(member.key);
    out.carried(request.substr(member.value_begin, member.value_end - member.value_begin));
  }
}

}  // namespace

std::string write_reason(std::string_view name, const Error& error, std::int64_t wall_ms) {
  JsonWriter out;
  out.begin_object();
  out.member("schema_version", 1);
  out.member("file", text::escape_non_utf8(name));
  out.member("code", word_of(error.code));
  out.member("message", error.message.empty() ? "refused" : error.message);
  out.member_if("hint", error.hint);
  out.member("pointer", error.place.pointer);
  if (error.place.line > 0) out.member("line", error.place.line);
  if (error.place.column > 0) out.member("column", error.place.column);
  out.member("rejected_at", format_utc(wall_ms));
  out.end_object();
  return out.take_line();
}

std::string write_answer(std::string_view request_bytes, bool ok, std::string_view message, const platform::Identity& identity,
                         std::int64_t wall_ms, std::string_view findings) {
  JsonWriter out;
  out.begin_object();
  request_members(out, request_bytes);
  out.member("ok", ok);
  out.member("message", message);
  out.carried_if("findings", findings);
  out.begin_object("request");
  out.member("inode", identity.inode);
  out.member("mtime_ns", identity.mtime_ns);
  out.member("size", identity.size);
  out.end_object();
  out.member("answered_at", format_utc(wall_ms));
  out.end_object();
  return out.take_line();
}

std::string write_findings(const std::vector<JobFinding>& findings) {
  JsonWriter out(JsonWriter::compact());
  out.begin_array();
  for (const JobFinding& finding : findings) {
    out.begin_object();
    out.member("job", finding.job);
    out.member("program", finding.program);
    out.member("folder", finding.folder);
    out.member_if("path", finding.path);
    out.member_if("problem", finding.problem);
    out.begin_array("denied");
    for (const auto& [what, why] : finding.denied) {
      out.begin_object();
      out.member("what", what);
      out.member("why", why);
      out.end_object();
    }
    out.end_array();
    out.member("no_new_privileges", finding.no_new_privileges);
    out.end_object();
  }
  out.end_array();
  return out.take();
}

}  // namespace baton::protocol
