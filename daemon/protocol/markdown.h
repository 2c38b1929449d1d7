// Text of documents as Markdown that shows it and lets none of it pass for the report's own: no heading, link, image, HTML or
// control character gets through.
#pragma once

#include <string>
#include <string_view>

namespace baton::protocol::markdown {

/// One line, for running text and table cells.
std::string line(std::string_view text);
/// Several lines as a quotation, where an author's lists, tables, code and strong words stay what they are; "" when there is
/// nothing but white space.
std::string quote(std::string_view text);
/// An id, a path or a command.
std::string code(std::string_view text);

}  // namespace baton::protocol::markdown
