#include "protocol/door.h"

#include <doctest/doctest.h>

#include <string>

#include "protocol/json_fault.h"

using namespace baton;
using namespace baton::protocol;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

Error fault(std::string_view bytes) {
  const auto result = check_json(bytes);
  REQUIRE(!result.has_value());
  CHECK_MESSAGE(!result.error().hint.empty(), "nobody is told what to do: ", result.error().message);
  return result.error();
}

}  // namespace

TEST_CASE("whole documents pass the door") {
  for (const char* text : {"{}", "[]", " {\"a\": [1, 2.5, -3e10, true, false, null, \"\\u00e9é\"]}\n", "7", "\"x\""})
    CHECK(check_json(text).has_value());
}

TEST_CASE("a byte order mark is no fault, and columns count its bytes") {
  CHECK(check_json("\xEF\xBB\xBF{}").has_value());
  CHECK(fault("\xEF\xBB\xBF").message == "the file is empty");
  CHECK(fault("\xEF\xBB\xBF{\"a\" 1}").place.column == 9);
}

TEST_CASE("nesting is accepted up to the bound and refused one past it") {
  CHECK(check_json(nested(k_max_depth)).has_value());
  const Error error = fault(nested(k_max_depth + 1));
  CHECK(error.message == "nested more than 256 levels deep");
  CHECK(error.place.line == 1);
  CHECK(error.place.column == static_cast<int>(k_max_depth) + 1);
  CHECK(fault(std::string(10'000, '[')).message == "nested more than 256 levels deep");
  std::string objects;
  for (std::size_t i = 0; i < k_max_depth; ++i) objects += "{\"a\":";
  CHECK(check_json(objects + "1" + std::string(k_max_depth, '}')).has_value());
  CHECK(fault(objects + "{}" + std::string(k_max_depth, '}')).message == "nested more than 256 levels deep");
}

TEST_CASE("large documents pass, and leave the door as it was") {
  std::string large = "[";
  for (int i = 0; i < 200'000; ++i) large += "1234,";
  large += "0]";
  CHECK(check_json(large).has_value());
  CHECK(check_json("{}").has_value());
  large.back() = ' ';
  CHECK(fault(large).message == "half a document: the text ends before everything that was opened is closed");
}

TEST_CASE("every fault has its message, line and column") {
  struct Row {
    std::string bytes;
    std::string message;
    int line, column;
  };
  const Row rows[] = {
      {"", "the file is empty", 0, 0},
      {" \r\n\t", "the file holds nothing but white space", 0, 0},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", "not JSON: unexpected string literal; expected ',' or '}'", 3, 5},
      {"{\"a\": 1,\n}", "not JSON: unexpected '}'; expected string literal", 2, 1},
      {"[1 2]", "not JSON: unexpected number literal; expected ',' or ']'", 1, 4},
      {"{\"a\": nul}", "not JSON: invalid literal", 1, 10},
      {"{\"a\":\n [1, 2", "half a document: the text ends before everything that was opened is closed", 2, 7},
      {"{\"a\": \"tex", "half a document: the text ends before everything that was opened is closed", 1, 11},
      {"{\"a\": 1}\n\n {\"b\": 2}", "two documents in one file: the second begins here", 3, 2},
      {"[]\n[]", "two documents in one file: the second begins here", 2, 1},
      {"{} x", "more text after the end of the document", 1, 4},
      {"{\"a\": \"\xff\"}", "this is not UTF-8", 1, 8},
      {"{\"a\": 1e999}", "this number is too large", 1, 11},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const Error error = fault(row.bytes);
    CHECK(error.code == ErrorCode::invalid);
    CHECK(error.message == row.message);
    CHECK(error.place.line == row.line);
    CHECK(error.place.column == row.column);
  }
}

TEST_CASE("a whole number that no machine type holds is still JSON") {
  CHECK(check_json("{\"a\": 123456789012345678901234567890}").has_value());
}

TEST_CASE("a zero byte inside a document is a fault") {
  using namespace std::string_literals;
  CHECK(fault("{\"a\": \0}"s).message == "this is a binary file, not JSON");
  CHECK(fault("{}\0"s).place == Place{"", 1, 3});
}

TEST_CASE("text must be UTF-8 without zero bytes") {
  using namespace std::string_literals;
  CHECK(check_text("# Größe\n").has_value());
  CHECK(check_text("").error().message == "the file is empty");
  CHECK(check_text("\n \n").error().message == "the file holds nothing but white space");
  const auto binary = check_text("ab\ncd\0e"s);
  CHECK(binary.error().message == "this is a binary file, not text");
  for (const auto& refused : {check_text(""), check_text("\n \n"), binary}) CHECK(!refused.error().hint.empty());
  CHECK(binary.error().place == Place{"", 2, 3});
  const auto latin = check_text(
      "one\ntwo\nGr\xf6\xdf"
      "e\nfour");
  CHECK(latin.error().message == "this is not UTF-8");
  CHECK(latin.error().place == Place{"", 3, 1});
}

TEST_CASE("offsets become lines and columns from 1") {
  const std::string text = "ab\ncd\n";
  CHECK(place_of_offset(text, 0) == Place{"", 1, 1});
  CHECK(place_of_offset(text, 2) == Place{"", 1, 3});
  CHECK(place_of_offset(text, 3) == Place{"", 2, 1});
  CHECK(place_of_offset(text, 6) == Place{"", 3, 1});
  CHECK(place_of_offset(text, 99) == Place{"", 3, 1});
  CHECK(place_of_offset("", 0) == Place{"", 1, 1});
}

TEST_CASE("pointers are found in the bytes, or what encloses them") {
  const std::string text = "\n{\"a\": [1,\n  {\"b/c\": \"x\", \"d~\": {}}],\n \"e\": null}";
  CHECK(place_of_pointer(text, "") == Place{"", 2, 1});
  CHECK(place_of_pointer(text, "/a") == Place{"/a", 2, 7});
  CHECK(place_of_pointer(text, "/a/0") == Place{"/a/0", 2, 8});
  CHECK(place_of_pointer(text, "/a/1") == Place{"/a/1", 3, 3});
  CHECK(place_of_pointer(text, "/a/1/b~1c") == Place{"/a/1/b~1c", 3, 11});
  CHECK(place_of_pointer(text, "/a/1/d~0") == Place{"/a/1/d~0", 3, 22});
  CHECK(place_of_pointer(text, "/e") == Place{"/e", 4, 7});
  CHECK(place_of_pointer(text, "/a/1/none") == Place{"/a/1/none", 3, 3});
  CHECK(place_of_pointer(text, "/a/9/none") == Place{"/a/9/none", 2, 7});
  CHECK(place_of_pointer(text, "/none/1") == Place{"/none/1", 2, 1});
  CHECK(place_of_pointer("\xEF\xBB\xBF[1]", "/0") == Place{"/0", 1, 5});
}
