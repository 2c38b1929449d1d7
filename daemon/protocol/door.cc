#include "protocol/door.h"

#include <simdjson.h>
#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "protocol/json_fault.h"

namespace baton::protocol {
namespace {

// A parser needs about twelve bytes per byte of its largest document; only those for small documents are kept.
constexpr std::size_t k_kept_parser = 16 * 1024;
constexpr std::string_view k_white = " \t\r\n";

bool allocate(simdjson::dom::parser& parser, std::size_t size) {
  return parser.allocate(std::max<std::size_t>(size, 64), k_max_depth) == simdjson::SUCCESS;
}

/// May refuse what is allowed (simdjson does not count an empty container as a level, but one more for what is in the others);
/// then the exact pass decides.
bool parses(std::string_view body) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser large;
  const bool keep = body.size() <= k_kept_parser;
  simdjson::dom::parser& parser = keep ? kept : large;
  if (parser.capacity() < body.size() || parser.max_depth() != k_max_depth)
    if (!allocate(parser, keep ? k_kept_parser : body.size())) return false;
  return parser.parse(body.data(), body.size()).error() == simdjson::SUCCESS;
}

tl::unexpected<Error> invalid(std::string message, std::string hint, Place place) {
  return fail(ErrorCode::invalid, std::move(message), std::move(hint), std::move(place));
}

Result<> check_not_empty(std::string_view body) {
  const std::string hint = "write the document to a hidden name first and rename it when it is complete";
  if (body.empty()) return invalid("the file is empty", hint, {});
  if (body.find_first_not_of(k_white) == std::string_view::npos)
    return invalid("the file holds nothing but white space", hint, {});
  return {};
}

/// Offset of the value that the pointer names exactly, or nothing.
std::optional<std::size_t> offset_of(simdjson::ondemand::parser& parser, const simdjson::padded_string& text,
                                     std::string_view pointer) {
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return std::nullopt;
  simdjson::ondemand::value value;
  if (document.at_pointer(pointer).get(value) != simdjson::SUCCESS) return std::nullopt;
  return static_cast<std::size_t>(value.raw_json_token().data() - text.data());
}

/// The comma or bracket in front of the value that is one too many, or nothing. `body` is valid JSON.
std::optional<std::size_t> surplus_value(std::string_view body) {
  const auto holds_something = [&](std::size_t opener) {
    const char next = body[body.find_first_not_of(k_white, opener + 1)];
    return next != ']' && next != '}';
  };
  std::size_t values = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '"')
      for (++at; body[at] != '"'; ++at) at += body[at] == '\\' ? 1 : 0;
    else if ((body[at] == ',' || ((body[at] == '[' || body[at] == '{') && holds_something(at))) && ++values > k_max_values)
      return at;
  }
  return std::nullopt;
}

}  // namespace

Result<> check_document(std::string_view bytes) {
  TRY(check_json(bytes));
  if (bytes.size() <= k_max_values) return {};  // a value has a byte at least
  const std::string_view body = without_bom(bytes);
  const auto surplus = surplus_value(body);
  if (!surplus) return {};
  return invalid("it has more than " + std::to_string(k_max_values) + " values", "split it, or carry what is large as one text",
                 place_of_offset(bytes, bytes.size() - body.size() + *surplus));
}

Result<> check_json(std::string_view bytes) {
  const std::string_view body = without_bom(bytes);
  TRY(check_not_empty(body));
  if (parses(body)) return {};
  if (auto fault = find_json_fault(bytes)) return tl::make_unexpected(std::move(*fault));
  return {};
}

Result<> check_text(std::string_view bytes) {
  const std::string_view body = without_bom(bytes);
  TRY(check_not_empty(body));
  if (const auto nul = bytes.find('\0'); nul != std::string_view::npos)
    return invalid("this is a binary file, not text", "write it as UTF-8 text; UTF-16 has zero bytes, too",
                   place_of_offset(bytes, nul));
  if (text::is_utf8(body)) return {};
  std::size_t line_begin = 0;
  while (true) {  // no UTF-8 sequence holds a line feed, so lines can be judged one by one
    const auto line_end = std::min(bytes.find('\n', line_begin), bytes.size());
    if (!text::is_utf8(bytes.substr(line_begin, line_end - line_begin)) || line_end == bytes.size()) break;
    line_begin = line_end + 1;
  }
  return invalid("this is not UTF-8", "save the file as UTF-8", place_of_offset(bytes, line_begin));
}

Place place_of_offset(std::string_view bytes, std::size_t offset) {
  const std::string_view before = bytes.substr(0, std::min(offset, bytes.size()));
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  Place place;
  place.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  place.column = static_cast<int>(before.size() - line_begin) + 1;
  return place;
}

Place place_of_pointer(std::string_view bytes, std::string_view pointer) {
  const std::string_view body = without_bom(bytes);
  const std::size_t skipped = bytes.size() - body.size();
  const simdjson::padded_string text(body);
  simdjson::ondemand::parser parser;
  std::optional<std::size_t> offset;
  for (std::string_view known = pointer; !known.empty() && !offset; known = known.substr(0, known.rfind('/')))
    offset = offset_of(parser, text, known);
  if (!offset) offset = std::min(body.find_first_not_of(k_white), body.size());
  Place place = place_of_offset(bytes, skipped + *offset);
  place.pointer = pointer;
  return place;
}

std::string_view without_fence(std::string_view bytes) {
  constexpr std::string_view k_fence = "```";
  const std::string_view body = text::trim(bytes);
  if (body.starts_with('{') || body.starts_with('[')) return bytes;  // a fence in it is a text's
  const auto fence = body.starts_with(k_fence) ? 0 : body.find("\n```");
  if (fence == std::string_view::npos) return bytes;
  const auto begin = body.find('\n', fence + 1);
  if (begin == std::string_view::npos) return bytes;
  const auto end = body.find("\n```", begin);
  return end == std::string_view::npos ? bytes : body.substr(begin + 1, end - begin);
}

}  // namespace baton::protocol
