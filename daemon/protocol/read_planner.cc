// What a planner command printed.
#include "base/text.h"
#include "protocol/door.h"
#include "protocol/read_estimate.h"
#include "protocol/read_steps.h"
#include "protocol/readers.h"

namespace baton::protocol {

using nlohmann::json;

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
    TRY(normalise_steps(fields, Commands::refused));  // a model wrote it, after it had read what anybody asked for
    share_out_estimates(fields);
  }
  TRY(document.validate(Kind::planner_answer));
  return convert_steps(document, document.root(), "");
}

}  // namespace baton::protocol
