// Checks any protocol document as the daemon would read it. docs/protocol.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::front {

struct Finding {
  Place place;
  std::string message;  // with its suggestion
};

struct Checked {
  std::string kind;  // "task", "plan", ...; empty = it could not be told
  std::vector<Finding> findings;
};

/// `path` tells the kind where it lies in a coordination folder; elsewhere the content does.
Checked check_document(const std::string& path, std::string_view bytes);

/// "file:line: pointer: message"; without line or pointer, without their part.
std::string finding_text(std::string_view file, const Finding& finding);

}  // namespace baton::front
