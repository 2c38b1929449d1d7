// A document from outside on its way to a record: its bytes, its members as they are being normalised, and where each of them
// stood in the original, so that a complaint points at what the author wrote.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/validate.h"

namespace baton::protocol {

class Document {
 public:
  /// Through the door. `bytes` must outlive the document.
  static Result<Document> parse(std::string_view bytes);
  /// A part of a document that came through the door already: `base` is the pointer to it in `bytes`, `own` are its bytes.
  Document(nlohmann::json root, std::string_view bytes, std::string base, std::string_view own);

  nlohmann::json& root() { return root_; }
  const nlohmann::json& root() const { return root_; }

  /// The value that now has this pointer stood there in the original.
  void moved(std::string pointer, std::string original);
  void warn(std::string words) { warnings_.push_back(std::move(words)); }
  std::vector<std::string> take_warnings() { return std::move(warnings_); }

  /// The bytes that the value with this pointer of the normalised document had in the original; empty when it has none there.
  std::string_view raw(std::string_view pointer) const;
  /// Where it stood. `pointer` is that of the normalised document here and below.
  Place place(std::string_view pointer) const;
  tl::unexpected<Error> error(std::string_view pointer, std::string message, std::string hint = {}) const;
  /// The same for an error that somebody else found without knowing the place.
  tl::unexpected<Error> error(std::string_view pointer, const Error& cause) const;
  /// The root (or `part`, whose pointer is given) against its schema.
  Result<> validate(Kind kind) const { return validate(kind, root_, ""); }
  Result<> validate(Kind kind, const nlohmann::json& part, const std::string& pointer) const;

 private:
  std::string original(std::string_view pointer) const;

  nlohmann::json root_;
  std::string_view bytes_;
  std::string base_;
  std::string_view own_;
  std::map<std::string, std::string, std::less<>> origins_;
  std::vector<std::string> warnings_;
};

}  // namespace baton::protocol
