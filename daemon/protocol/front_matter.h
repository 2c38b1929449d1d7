// The block between two lines "---" at the top of a Markdown file: plain `key: value` lines and lists, as editors and static site
// tools write them. No YAML beyond that. Private to the reader of Markdown.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace baton::protocol {

struct FrontMatter {
  nlohmann::json members = nlohmann::json::object();      // texts, and lists of texts
  std::map<std::string, std::size_t, std::less<>> lines;  // where each of them begins: offset in the text
  std::size_t end = 0;                                    // of the block: offset of the line behind it
};

/// Nothing when the text does not begin with such a block: a line "---" alone is a rule across the page.
std::optional<FrontMatter> read_front_matter(std::string_view text);

}  // namespace baton::protocol
