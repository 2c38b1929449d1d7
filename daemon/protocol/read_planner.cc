// What a planner command printed.
#include "base/text.h"
#include "protocol/door.h"
#include "protocol/read_estimate.h"
#include "protocol/read_steps.h"
#include "protocol/readers.h"

namespace baton::protocol {

using nlohmann::json;

namespace {

/// In the form of the schema, which is not looked at yet.
Result<Document> normalised(std::string_view answer) {
  TRY_VALUE(Document document, Document::parse(answer));
  if (document.root().is_array()) {
    json list = std::move(document.root());
    document.root() = json{{"subtasks", std::move(list)}};
    document.moved("/subtasks", "");
  }
  if (document.root().is_object()) {
    Fields fields(document, document.root(), "");
    TRY(normalise_steps(fields, Commands::refused));  // a model wrote it, after it had read what anybody asked for
    share_out_estimates(fields);
  }
  return document;
}

std::string line_of(const std::string& pointer, const std::string& message, const std::string& hint) {
  return (pointer.empty() ? "" : pointer + ": ") + message + (hint.empty() ? "" : "; " + hint);
}

}  // namespace

std::vector<std::string> problems_of_answer(std::string_view bytes, const Error& refusal) {
  std::vector<std::string> lines;
  if (const auto document = normalised(without_fence(bytes)))
    for (const Problem& problem : problems(Kind::planner_answer, document->root()))
      lines.push_back(line_of(document->place(problem.pointer).pointer, problem.message, problem.suggestion));
  if (lines.empty()) lines.push_back(line_of(refusal.place.pointer, refusal.message, refusal.hint));
  return lines;
}

Result<std::vector<core::SubtaskSpec>> read_planner_answer(std::string_view bytes) {
  const std::string_view answer = without_fence(bytes);
  TRY_VALUE(const Document document, normalised(answer));
  TRY(document.validate(Kind::planner_answer));
  return convert_steps(document, document.root(), "");
}

}  // namespace baton::protocol
