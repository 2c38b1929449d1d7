#include "protocol/json_fault.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "protocol/door.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

/// Walks the bytes and tells the handler, which is not told positions by the parser, how far it has come.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    *reached_ = at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Keeps nothing but the depth and the first complaint.
struct Listener : nlohmann::json_sax<json> {
  std::size_t depth = 0;
  bool too_deep = false;
  std::string complaint;
  std::size_t position = 0;

  bool enter() { return !(too_deep = ++depth > k_max_depth); }
  bool leave() {
    --depth;
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t at, const std::string&, const json::exception& error) override {
    position = at;
    complaint = error.what();
    return false;
  }
};

/// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing x - A; last read: '..'; expected
/// B" → "A; expected B".
std::string in_words(std::string_view complaint) {
  if (const auto cut = complaint.find(" - "); cut != std::string_view::npos) complaint.remove_prefix(cut + 3);
  std::string words(complaint);
  if (const auto from = words.find("; last read: "); from != std::string::npos) {
    const auto expected = words.rfind("; expected ");
    words.erase(from, expected != std::string::npos && expected > from ? expected - from : std::string::npos);
  }
  if (const auto id = words.find("] "); words.starts_with("[json.exception") && id != std::string::npos) words.erase(0, id + 2);
  // The parser names only the end of the container; a forgotten comma is the more likely slip.
  for (const std::string_view end : {"expected '}'", "expected ']'"})
    if (words.ends_with(end)) words.insert(words.size() - 3, "',' or ");
  return text::ellipsis(text::printable(words), 200);
}

Error invalid(std::string_view bytes, std::size_t offset, std::string message, std::string hint = {}) {
  return Error{ErrorCode::invalid, std::move(message), std::move(hint), place_of_offset(bytes, offset)};
}

std::optional<Error> trailing_fault(std::string_view bytes, std::size_t end) {
  const auto second = bytes.find_first_not_of(" \t\r\n", end);
  if (second == std::string_view::npos) return std::nullopt;
  const char first = bytes[second];
  if (first == '{' || first == '[')
    return invalid(bytes, second, "two documents in one file: the second begins here",
                   "put each into a file of its own, or both into one array");
  return invalid(bytes, second, "more text after the end of the document", "take out what stands from here on");
}

/// What its author most likely did.
std::string advice(std::string_view bytes, std::size_t offset) {
  const bool first = bytes.find_first_not_of(" \t\r\n") == std::min(offset, bytes.size());
  if (offset < bytes.size() && bytes[offset] == '/')
    return "take the comment out; in config.json, master.json and playbooks, close it with */";
  if (first) return "a document begins with { or [: take out what stands before it, or save a text as .md";
  return "texts and names stand in double quotes, members are separated by commas, none follows the last";
}

Error grammar_fault(std::string_view bytes, const Listener& listener) {
  const std::size_t offset = listener.position == 0 ? 0 : listener.position - 1;
  if (listener.complaint.find("unexpected end of input") != std::string::npos ||
      listener.complaint.find("missing closing quote") != std::string::npos)
    return invalid(bytes, bytes.size(), "half a document: the text ends before everything that was opened is closed",
                   "write to a hidden name first and rename it when it is complete");
  if (listener.complaint.find("ill-formed UTF-8") != std::string::npos)
    return invalid(bytes, offset, "this is not UTF-8", "save the file as UTF-8");
  if (listener.complaint.find("number overflow") != std::string::npos)
    return invalid(bytes, offset, "this number is too large", "leave digits out, or write it as a text in double quotes");
  return invalid(bytes, offset, "not JSON: " + in_words(listener.complaint), advice(bytes, offset));
}

}  // namespace

std::string_view without_bom(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return bytes;
}

std::optional<Error> find_json_fault(std::string_view bytes) {
  const std::string_view body = without_bom(bytes);
  const std::size_t skipped = bytes.size() - body.size();
  if (const auto nul = bytes.find('\0'); nul != std::string_view::npos)
    return invalid(bytes, nul, "this is a binary file, not JSON", "write it as UTF-8 text; UTF-16 has zero bytes, too");
  const char* reached = body.data();
  Listener listener;
  const bool complete =
      json::sax_parse(CountingIterator(body.data(), &reached), CountingIterator(body.data() + body.size(), &reached), &listener,
                      json::input_format_t::json, false);
  const auto consumed = skipped + static_cast<std::size_t>(reached - body.data());
  if (listener.too_deep)
    return invalid(bytes, consumed - 1, "nested more than " + std::to_string(k_max_depth) + " levels deep",
                   "flatten it, or carry what is inside as a text");
  listener.position += listener.position == 0 ? 0 : skipped;
  if (!complete) return grammar_fault(bytes, listener);
  return trailing_fault(bytes, consumed);
}

}  // namespace baton::protocol
