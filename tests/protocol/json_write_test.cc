#include "protocol/json_write.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

using baton::protocol::json_string;
using baton::protocol::JsonWriter;

namespace {

std::string carried(const std::string& json) {
  JsonWriter out(JsonWriter::compact());
  out.carried(json);
  return out.take();
}

}  // namespace

TEST_CASE("strings are escaped, and what is not UTF-8 is replaced") {
  CHECK(json_string("a\"b\\c\n\r\t\x01\x7f") == R"("a\"b\\c\n\r\t\u0001\u007f")");
  CHECK(json_string("é😀/") == "\"é😀/\"");
  CHECK(json_string("") == "\"\"");
  CHECK(json_string("a\xff"
                    "b") == "\"a\uFFFDb\"");
  CHECK(json_string("\xc3") == "\"\uFFFD\"");
  CHECK(json_string(std::string_view("a\0b", 3)) == R"("a\u0000b")");
  CHECK(json_string("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
}

TEST_CASE("every byte sequence gives valid JSON that reads back when it was UTF-8") {
  std::uint32_t random = 1;
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::uint32_t i = random % 9; i > 0; --i) text += static_cast<char>((random = random * 1664525U + 1013904223U) >> 24U);
    random = random * 1664525U + 1013904223U;
    CAPTURE(round);
    const auto value = nlohmann::json::parse(json_string(text), nullptr, false);
    REQUIRE(value.is_string());
    try {
      (void)nlohmann::json(text).dump();  // throws when it is not UTF-8
      CHECK(value.get<std::string>() == text);
    } catch (const nlohmann::json::exception&) {
      CHECK(value.get<std::string>() != text);
    }
  }
}

TEST_CASE("layouts") {
  const auto write = [](JsonWriter::Layout layout) {
    JsonWriter out(std::move(layout));
    out.begin_object();
    out.member("a", 1);
    out.begin_array("b");
    out.value(true);
    out.value(std::numeric_limits<std::int64_t>::min());
    out.value(std::numeric_limits<std::uint64_t>::max());
    out.end_array();
    out.begin_object("c");
    out.end_object();
    out.begin_array("d");
    out.end_array();
    out.end_object();
    return out.take();
  };
  CHECK(write(JsonWriter::compact()) == R"({"a":1,"b":[true,-9223372036854775808,18446744073709551615],"c":{},"d":[]})");
  CHECK(
      write({}) ==
      "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    -9223372036854775808,\n    18446744073709551615\n  ],\n  \"c\": {},\n  \"d\": []\n}");
  CHECK(write({true, "\t", "  ", "\r\n"}).starts_with("{\r\n  \t\"a\": 1,\r\n  \t\"b\": [\r\n  \t\ttrue"));
}

TEST_CASE("short lists stand on one line, long ones on several") {
  const auto write = [](const std::vector<std::string>& list) {
    JsonWriter out;
    out.value(list);
    return out.take();
  };
  CHECK(write({}) == "[]");
  CHECK(write({"a", "b\""}) == R"(["a", "b\""])");
  const std::string half(46, 'x');
  CHECK(write({half, half}).find('\n') == std::string::npos);  // 100 bytes with quotes and commas
  CHECK(write({half, half + "x"}).find('\n') != std::string::npos);
}

TEST_CASE("absent things are not written") {
  JsonWriter out(JsonWriter::compact());
  out.begin_object();
  out.member_if("a", "");
  out.member_if("b", std::vector<std::string>{});
  out.carried_if("c", "");
  out.time_if("d", 0);
  out.time_if("e", 1'762'365'600'000);
  out.end_object();
  CHECK(out.take_line() == "{\"e\":\"2025-11-05T18:00:00Z\"}\n");
}

TEST_CASE("carried JSON keeps its order, numbers and escapes") {
  CHECK(carried(R"( {"b": 1e40, "a": [1.50, "\u0041", {}, []], "b": null } )") ==
        R"({"b":1e40,"a":[1.50,"\u0041",{},[]],"b":null})");
  CHECK(carried("7") == "7");
  CHECK(carried("\xEF\xBB\xBF[1]") == "[1]");
}

TEST_CASE("what cannot be carried as JSON is carried as text") {
  CHECK(carried("{\"a\":") == R"("{\"a\":")");
  CHECK(carried("1 2") == "\"1 2\"");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(carried(nested(128)) == nested(128));
  CHECK(carried(nested(129)) == "\"" + nested(129) + "\"");
}
