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

constexpr std::array<std::string_view, 4> k_answer_members = {"ok", "message", "request", "answered_at"};

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
                         std::int64_t wall_ms) {
  JsonWriter out;
  out.begin_object();
  request_members(out, request_bytes);
  out.member("ok", ok);
  out.member("message", message);
  out.begin_object("request");
  out.member("inode", identity.inode);
  out.member("mtime_ns", identity.mtime_ns);
  out.member("size", identity.size);
  out.end_object();
  out.member("answered_at", format_utc(wall_ms));
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
