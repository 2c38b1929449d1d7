#include "front/handoff_text.h"

#include "base/text.h"
#include "front/data.h"

namespace baton::front {
namespace {

std::string how_to_answer(const std::string& result_file, const HandoffView& handoff) {
  const std::string epoch = std::to_string(handoff.epoch);
  return "It is yours. When the work is done: baton complete " + handoff.subtask_id +
         " --summary \"what was done\" (or: baton fail " + handoff.subtask_id + " --error \"why\"). Without baton: write " +
         result_file + R"( under a hidden name and rename it; content: {"status": "completed", "epoch": )" + epoch +
         R"(, "result": {"summary": "what was done", "artifacts": [], "files_modified": [], "tokens_used": 0}} or {"status": "failed", "epoch": )" +
         epoch + R"(, "error": "why"}.)";
}

/// A heading with its text; nothing for an empty text.
std::string section(std::string_view heading, std::string_view body) {
  const std::string_view text = text::trim(body);
  return text.empty() ? "" : "\n## " + std::string(heading) + "\n\n" + std::string(text) + "\n";
}

std::string bullets(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "- " + item + "\n";
  return text;
}

std::string upstream_text(const std::vector<UpstreamView>& upstream) {
  std::string text;
  for (const UpstreamView& result : upstream) {
    text += "### " + result.subtask_id + "\n\n" + std::string(text::trim(result.summary)) + "\n";
    if (!result.artifacts.empty()) text += "\nMade:\n" + bullets(result.artifacts);
    if (!result.files_modified.empty()) text += "\nChanged:\n" + bullets(result.files_modified);
    text += "\n";
  }
  return text;
}

/// As Markdown shows a text of others as it is, whatever is in it.
std::string indented(std::string_view text) {
  std::string lines;
  for (const std::string& line : text::split(text::trim(text), '\n')) lines += "    " + line + "\n";
  return lines;
}

std::string retry_text(const HandoffView& handoff) {
  std::string text = handoff.retry_reason;
  if (!handoff.last_failure.empty())
    text += (text.empty() ? "" : "\n\n") + std::string("What went wrong: ") + handoff.last_failure;
  if (!handoff.last_output.empty()) text += "\n\nWhat the check printed:\n\n" + indented(handoff.last_output);
  return text;
}

}  // namespace

Result<std::string> taken_document(const Folder& folder, std::string_view bytes, const HandoffView& handoff) {
  TRY_VALUE(Data document, Data::parse(bytes));
  if (!document.is_object()) return fail(ErrorCode::invalid, "the handoff is no JSON object");
  const std::string result_file = folder.root() + "/" + handoff.result_file;
  document.set("status", "claimed").set("claimed", true);
  if (!handoff.result_file.empty())
    document.set("result_file", result_file).set("how_to_answer", how_to_answer(result_file, handoff));
  return document.document();
}

std::string prompt_of(const HandoffView& handoff) {
  const std::string& goal = handoff.request_title;
  std::string text = "# " + handoff.title + "\n";
  if (!handoff.description.empty() && handoff.description != handoff.title)
    text += "\n" + std::string(text::trim(handoff.description)) + "\n";
  if (!goal.empty()) {
    std::string whole = "This is a part of a larger task: " + goal;
    if (!handoff.request_description.empty() && handoff.request_description != goal)
      whole += "\n\n" + handoff.request_description;
    if (!handoff.request_criteria.empty()) whole += "\n\nAll of it is good when: " + handoff.request_criteria;
    text += section("What it is for", whole + "\n\n" + handoff.context + " Others do the other steps: do this one only.");
  }
  text += section("How to do it", handoff.instructions);
  text += section("Context", handoff.carried_context);
  text += section("Files", bullets(handoff.files));
  text += section(
      "Done when",
      handoff.success_criteria +
          (handoff.checkpoint.empty() || handoff.checkpoint == handoff.success_criteria ? "" : "\n\n" + handoff.checkpoint));
  text += section("What others have done before", upstream_text(handoff.upstream));
  text += section("It was tried before", retry_text(handoff));
  return text;
}

}  // namespace baton::front
