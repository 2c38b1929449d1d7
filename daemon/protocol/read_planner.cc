// What a planner command printed.
#include "base/text.h"
#include "protocol/door.h"
#include "protocol/read_steps.h"
#include "protocol/readers.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

/// Language models like to put their answer into a fence; then only what is inside counts.
std::string_view without_fence(std::string_view bytes) {
  const std::string_view body = text::trim(bytes);
  if (!body.starts_with("```") || !body.ends_with("```")) return bytes;
  const auto first_line_end = body.find('\n');
  if (first_line_end == std::string_view::npos || first_line_end + 3 > body.size() - 3) return bytes;
  return body.substr(first_line_end + 1, body.size() - 3 - (first_line_end + 1));
}

}  // namespace

Result<std::vector<core::SubtaskSpec>> read_planner_answer(std::string_view bytes) {
  const std::string_view answer = without_fence(bytes);
  TRY_VALUE(Document document, Document::parse(answer));
  if (document.root().is_array()) {
    json list = std::move(document.root());
    document.root() = json{{"subtasks", std::move(list)}};
    document.moved("/subtasks", "");
  }
  if (document.root().is_object()) {
    Fields fields(document, document.root(), "");
    TRY(normalise_steps(fields));
  }
  TRY(document.validate(Kind::planner_answer));
  return convert_steps(document, document.root(), "");
}

}  // namespace baton::protocol
