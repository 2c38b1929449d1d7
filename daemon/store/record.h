// The visitors that go with fields.h: one names the columns, one binds members to parameters, one reads members from a row.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"
#include "store/lines.h"
#include "store/statement.h"

namespace baton::store {

template <class T>
concept Word = std::is_enum_v<T>;  // kept as its protocol word, so that the order of an enum may change

struct Columns {
  std::vector<std::string> names;
  template <class T>
  void operator()(const char* column, const T&) {
    names.emplace_back(column);
  }
};

struct Binder {
  Statement& to;
  void operator()(const char*, const std::string& value) { to.bind(std::string_view(value)); }
  void operator()(const char*, std::integral auto value) { to.bind(static_cast<std::int64_t>(value)); }
  void operator()(const char*, Word auto value) { to.bind(core::name(value)); }
  void operator()(const char*, const std::vector<std::string>& value) { to.bind_copy(to_lines(value)); }
  void operator()(const char*, const std::vector<core::Conflict>& value) { to.bind_copy(to_lines(value)); }
  void operator()(const char*, const std::optional<bool>& value) {
    if (value)
      to.bind(static_cast<std::int64_t>(*value));
    else
      to.bind_null();
  }
};

struct Reader {
  const Statement& from;
  int column = 0;            // the next one
  std::string damaged = {};  // the first column that holds what this program never writes
  void operator()(const char*, std::string& value) { value = from.text(column++); }
  template <std::integral T>
  void operator()(const char*, T& value) {
    value = static_cast<T>(from.integer(column++));
  }
  template <Word T>
  void operator()(const char* name, T& value) {
    take(name, core::parse<T>(from.text(column++)), value);
  }
  void operator()(const char* name, std::vector<std::string>& value) { take(name, from_lines(from.text(column++)), value); }
  void operator()(const char* name, std::vector<core::Conflict>& value) {
    take(name, conflicts_from_lines(from.text(column++)), value);
  }
  void operator()(const char*, std::optional<bool>& value) {
    if (!from.is_null(column)) value = from.integer(column) != 0;
    ++column;
  }

 private:
  template <class T>
  void take(const char* name, std::optional<T> read, T& value) {
    if (read)
      value = std::move(*read);
    else if (damaged.empty())
      damaged = name;
  }
};

}  // namespace baton::store
