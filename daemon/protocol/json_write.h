// Writes JSON as a stream: no tree is made first. Two reasons: the state view of 10,000 tasks would stall the loop for longer
// (a tree of nlohmann::ordered_json takes about twice the CPU time for it), and what a user gave keeps the digits of its
// numbers. Always valid JSON: bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_tokens.h"

namespace baton::protocol {

/// A JSON string with its quotes.
std::string json_string(std::string_view text);

class JsonWriter {
 public:
  struct Layout {
    bool indented = true;     // false: everything on one line without spaces
    std::string unit = "  ";  // one level of indentation
    std::string margin = {};  // in front of every line but the first
    std::string_view newline = "\n";
    bool redacted = false;  // texts go through redacted() first; keys do not
  };
  static Layout compact() { return {false, {}, {}, {}}; }
  /// For documents that people pass on: reports, escalations.
  static Layout without_secrets() {
    Layout layout;
    layout.redacted = true;
    return layout;
  }

  explicit JsonWriter(Layout layout) : layout_(std::move(layout)) {}
  JsonWriter() : JsonWriter(Layout{}) {}

  void begin_object() { open('{'); }
  void begin_array() { open('['); }
  void end_object() { close('}'); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::same_as<bool> auto flag) { token(flag ? "true" : "false"); }
  void value(std::signed_integral auto number) { integer(static_cast<std::int64_t>(number)); }
  void value(std::unsigned_integral auto number) requires(!std::same_as<decltype(number), bool>) {
    natural(static_cast<std::uint64_t>(number));
  }
  /// Finite.
  void value(std::floating_point auto number) { real(static_cast<double>(number)); }
  /// Short lists stand on one line.
  void value(const std::vector<std::string>& list);

  /// JSON text that came from outside, laid out like the rest; numbers keep their digits. What is not valid JSON, or nested too
  /// deeply for a document that must itself be read again, becomes a string.
  void carried(std::string_view json);

  /// A value that another writer made, with a margin that fits here.
  void rendered(std::string_view json) { token(json); }

  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  /// Only when there is something to say.
  void member_if(std::string_view name, std::string_view text) {
    if (!text.empty()) member(name, text);
  }
  void member_if(std::string_view name, const std::vector<std::string>& list) {
    if (!list.empty()) member(name, list);
  }
  void carried_if(std::string_view name, std::string_view json) {
    if (!json.empty()) {
      key(name);
      carried(json);
    }
  }
  /// Wall-clock milliseconds as a time stamp; 0 = not yet, nothing is written.
  void time_if(std::string_view name, std::int64_t wall_ms);
  void begin_object(std::string_view name) {
    key(name);
    begin_object();
  }
  void begin_array(std::string_view name) {
    key(name);
    begin_array();
  }

  std::size_t size() const { return text_.size(); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  /// What was written; the writer is empty afterwards.
  std::string take();
  /// The same with a newline at its end, as a file or a line of a feed has it.
  std::string take_line();

 private:
  void open(char bracket);
  void close(char bracket);
  void before_value();
  void line_break();
  void token(std::string_view text);
  void text(std::string_view text);
  void integer(std::int64_t number);
  void natural(std::uint64_t number);
  void real(double number);
  void copy_tokens(std::string_view json);
  void copy_string(std::string_view bytes, JsonTokens after);

  Layout layout_;
  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;  // nothing stands in the innermost object or array yet
  bool after_key_ = false;
  bool secret_ = false;  // the key before the next value says that it must not be shown
};

}  // namespace baton::protocol
