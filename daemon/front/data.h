// A JSON value under construction: what verbs print under --json and the documents that they write. Keeps the JSON library in one
// translation unit; keys stay in the order in which they were set.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::front {

class Data {
 public:
  Data();  // an empty object
  static Data array();
  static Data null();
  /// Any one JSON value. invalid: not JSON.
  static Result<Data> parse(std::string_view text);
  Data(Data&&) noexcept;
  Data& operator=(Data&&) noexcept;
  ~Data();

  Data& set(std::string_view key, std::string_view value);
  Data& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  Data& set(std::string_view key, std::int64_t value);
  Data& set(std::string_view key, double value);
  Data& set(std::string_view key, int value) { return set(key, static_cast<std::int64_t>(value)); }
  Data& set(std::string_view key, bool value);
  Data& set(std::string_view key, const std::vector<std::string>& values);
  Data& set(std::string_view key, Data value);
  /// Only when there is something to say.
  Data& set_if(std::string_view key, std::string_view value) { return value.empty() ? *this : set(key, value); }
  Data& push(Data value);
  Data& push(std::string_view value);

  bool is_object() const;
  /// One line; bytes that are not UTF-8 become U+FFFD.
  std::string text() const;
  /// Indented, with a newline at the end: a document for people to read.
  std::string document() const;

 private:
  struct Impl;
  explicit Data(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::front
