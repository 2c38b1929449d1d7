#include "protocol/document.h"

#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"

namespace baton::protocol {

using nlohmann::json;

Result<Document> Document::parse(std::string_view bytes) {
  TRY(check_document(bytes));
  json root = json::parse(bytes, nullptr, false);
  if (root.is_discarded())
    return fail(ErrorCode::invalid, "not JSON", "a number in it may be too large: write it as a text in double quotes");
  return Document(std::move(root), bytes, "", without_bom(bytes));
}

Document::Document(json root, std::string_view bytes, std::string base, std::string_view own)
    : root_(std::move(root)), bytes_(bytes), base_(std::move(base)), own_(own) {}

void Document::moved(std::string pointer, std::string original) {
  origins_.insert_or_assign(std::move(pointer), this->original(original));
}

std::string Document::original(std::string_view pointer) const {
  for (std::string_view known = pointer; !known.empty(); known = known.substr(0, known.rfind('/')))
    if (const auto found = origins_.find(known); found != origins_.end())
      return found->second + std::string(pointer.substr(known.size()));
  return std::string(pointer);
}

std::string_view Document::raw(std::string_view pointer) const { return value_at(own_, original(pointer)); }

Place Document::place(std::string_view pointer) const { return place_of_pointer(bytes_, base_ + original(pointer)); }

tl::unexpected<Error> Document::error(std::string_view pointer, std::string message, std::string hint) const {
  return fail(ErrorCode::invalid, std::move(message), std::move(hint), place(pointer));
}

tl::unexpected<Error> Document::error(std::string_view pointer, const Error& cause) const {
  return error(pointer, cause.message, cause.hint);
}

Result<> Document::validate(Kind kind, const json& part, const std::string& pointer) const {
  const auto found = problems(kind, part);
  if (found.empty()) return {};
  return error(pointer + found.front().pointer, found.front().message, found.front().suggestion);
}

}  // namespace baton::protocol
