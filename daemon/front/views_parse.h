// The one way from bytes to a document object, for views*.cc.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "front/dom.h"

namespace baton::front {

/// The object lives as long as `parser`. invalid: `what` is not a JSON object.
inline Result<dom::Object> parse_object(simdjson::dom::parser& parser, std::string_view bytes, std::string_view what) {
  dom::Object root;
  const simdjson::error_code error = parser.parse(bytes.data(), bytes.size()).get(root);
  if (error == simdjson::SUCCESS) return root;
  return fail(ErrorCode::invalid, std::string(what) + " is not readable: " + simdjson::error_message(error));
}

}  // namespace baton::front
