#include "base/text.h"

#include <doctest/doctest.h>

using namespace baton;

using Words = std::vector<std::string>;

TEST_CASE("trim, lower, split, join") {
  CHECK(text::trim(" \t\r\n a b \v\f") == "a b");
  CHECK(text::trim(" \n ").empty());
  CHECK(text::lower("ÄbC-Z9") == "Äbc-z9");
  CHECK(text::split("", ',').empty());
  CHECK(text::split("a", ',') == Words{"a"});
  CHECK(text::split(",a,,b,", ',') == Words{"", "a", "", "b", ""});
  CHECK(text::join(Words{}, ", ").empty());
  CHECK(text::join(Words{"a"}, ", ") == "a");
  CHECK(text::join(Words{"a", "", "b"}, ", ") == "a, , b");
}

TEST_CASE("a word at the start ends where the word ends") {
  CHECK(text::starts_with_word("then deploy", "then"));
  CHECK(text::starts_with_word("then", "then"));
  CHECK(text::starts_with_word("then, deploy", "then"));
  CHECK(text::starts_with_word("then-deploy", "then"));
  CHECK_FALSE(text::starts_with_word("thence", "then"));
  CHECK_FALSE(text::starts_with_word("then_x", "then"));
  CHECK_FALSE(text::starts_with_word("thené", "then"));
  CHECK_FALSE(text::starts_with_word("the", "then"));
  CHECK_FALSE(text::starts_with_word("Then", "then"));
}

TEST_CASE("the nearest word within two edits, one for short words") {
  const Words states{"pending", "completed", "failed", "cancelled"};
  CHECK(text::nearest("pendign", states) == "pending");
  CHECK(text::nearest("PENDING", states) == "pending");
  CHECK(text::nearest("pendi", states) == "pending");
  CHECK(text::nearest("complete", states) == "completed");
  CHECK_FALSE(text::nearest("pend", states).has_value());
  CHECK_FALSE(text::nearest("", Words{"a"}).has_value());
  CHECK_FALSE(text::nearest("x", Words{}).has_value());
  CHECK(text::nearest("lsit", Words{"list", "last"}) == "list");
  CHECK(text::nearest("lost", Words{"last", "list"}) == "last");
  CHECK(text::nearest("lists", Words{"lasts", "list"}) == "lasts");
  CHECK(text::nearest("aud", Words{"add"}) == "add");
  CHECK_FALSE(text::nearest("run", Words{"ran-x", "ban"}).has_value());
  CHECK(text::nearest("runs", Words{"bans"}) == "bans");
  CHECK(text::did_you_mean("pendign", states) == " (did you mean \"pending\"?)");
  CHECK(text::did_you_mean("whatever", states).empty());
}

TEST_CASE("slugs are lower case, without holes, and end at a word") {
  CHECK(text::slug("Add authentication system!", 40) == "add-authentication-system");
  CHECK(text::slug("  JWT & roles  ", 40) == "jwt-roles");
  CHECK(text::slug("add authentication system", 18) == "add-authentication");
  CHECK(text::slug("add authentication system", 17) == "add");
  CHECK(text::slug("add authentication system", 25) == "add-authentication-system");
  CHECK(text::slug("authentication", 4) == "auth");
  CHECK(text::slug("задача", 10).empty());
  CHECK(text::slug("", 10).empty());
}

TEST_CASE("nothing that is shown steers a terminal") {
  CHECK(text::printable("plain, é and 日本 stay") == "plain, é and 日本 stay");
  CHECK(text::printable("\x1b[31mred\x1b[0m\a") == "[31mred[0m");
  CHECK(text::printable("a\r\nb\nc\rd\te\vf") == "a b c d e f");
  CHECK(text::printable("\n\r") == "  ");
  CHECK(text::printable(std::string_view("a\0b\x7f", 4)) == "ab");
  CHECK(text::printable("a\u009B31mb") == "a31mb");
  CHECK(text::printable("a\23331m") == "a%9B31m");
  CHECK(text::printable("a\u202Eb\u2066c") == "abc");
  CHECK(text::printable("a\u2028b\u00A0c") == "a b\u00A0c");
}

TEST_CASE("a cut never splits a character") {
  CHECK(text::ellipsis("abcdef", 6) == "abcdef");
  CHECK(text::ellipsis("abcdefg", 6) == "abc…");
  CHECK(text::ellipsis("aéé", 5) == "aéé");
  CHECK(text::ellipsis("aééé", 5) == "a…");
  CHECK(text::ellipsis("aéééé", 6) == "aé…");
  CHECK(text::ellipsis("日本語", 7) == "日…");
  CHECK(text::ellipsis("abcd", 3) == "…");
  CHECK(text::ellipsis("abcd", 2) == "ab");
  CHECK(text::ellipsis("éa", 1).empty());
  CHECK(text::ellipsis("abcd", 0).empty());
}

TEST_CASE("bytes that are not UTF-8 are escaped one by one") {
  CHECK(text::escape_non_utf8("é%41") == "é%41");
  CHECK(text::escape_non_utf8("a\xff\xc3") == "a%FF%C3");
  CHECK(text::escape_non_utf8("\303A\x80é") == "%C3A%80é");
  CHECK(text::escape_non_utf8("\xed\xa0\x80") == "%ED%A0%80");
  CHECK(text::escape_non_utf8("\xf0\x9f\x98") == "%F0%9F%98");
  CHECK(text::escape_non_utf8("\xff\xf0\x9f\x98\x80") == "%FF\xf0\x9f\x98\x80");
}

TEST_CASE("UTF-8 is what the standard says it is") {
  CHECK(text::is_utf8(""));
  CHECK(text::is_utf8("\u0000é日\U0001F600"));
  CHECK_FALSE(text::is_utf8("\xc0\xaf"));
  CHECK_FALSE(text::is_utf8("\xed\xa0\x80"));
  CHECK_FALSE(text::is_utf8("\xf4\x90\x80\x80"));
  CHECK_FALSE(text::is_utf8("abc\xe2\x82"));
}
