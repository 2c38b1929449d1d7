// Text of documents as Markdown that shows it and obeys none of it: no heading, fence, link, HTML or control character gets
// through.
#pragma once

#include <string>
#include <string_view>

namespace baton::protocol::markdown {

/// One line, for running text and table cells.
std::string line(std::string_view text);
/// Several lines as a quotation; "" when there is nothing but white space.
std::string quote(std::string_view text);
/// An id, a path or a command.
std::string code(std::string_view text);

}  // namespace baton::protocol::markdown
