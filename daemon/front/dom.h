// Reading one value of a parsed document without ceremony: what is missing or of another type is empty. Only for views*.cc
// the merges that agents have open, and plans that are done again.
#pragma once

#include <simdjson.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::front::dom {

using Object = simdjson::dom::object;
using Element = simdjson::dom::element;

inline std::string text(const Object& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

inline std::int64_t number(const Object& object, std::string_view key, std::int64_t fallback = 0) {
  std::int64_t value = 0;
  return object[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

inline int integer(const Object& object, std::string_view key, int fallback = 0) {
  const std::int64_t value = number(object, key, fallback);
  return value < INT32_MIN || value > INT32_MAX ? fallback : static_cast<int>(value);
}

inline double real(const Object& object, std::string_view key) {
  double value = 0;
  return object[key].get(value) == simdjson::SUCCESS ? value : 0;
}

inline bool flag(const Object& object, std::string_view key, bool fallback = false) {
  bool value = fallback;
  return object[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

inline std::vector<std::string> texts(const Object& object, std::string_view key) {
  std::vector<std::string> values;
  simdjson::dom::array array;
  if (object[key].get(array) != simdjson::SUCCESS) return values;
  for (Element element : array) {
    std::string_view value;
    if (element.get(value) == simdjson::SUCCESS) values.emplace_back(value);
  }
  return values;
}

/// Calls `visit` with every object of an array.
template <class Visit>
void each(const Object& object, std::string_view key, Visit visit) {
  simdjson::dom::array array;
  if (object[key].get(array) != simdjson::SUCCESS) return;
  for (Element element : array) {
    Object item;
    if (element.get(item) == simdjson::SUCCESS) visit(item);
  }
}

/// Calls `visit` with an inner object, if there is one.
template <class Visit>
void within(const Object& object, std::string_view key, Visit visit) {
  Object inner;
  if (object[key].get(inner) == simdjson::SUCCESS) visit(inner);
}

}  // namespace baton::front::dom
