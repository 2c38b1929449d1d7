#include "core/spelling.h"

#include <doctest/doctest.h>

#include "core/lexicon.h"
#include "core/planned.h"
#include "template.h"

using namespace baton::core;

namespace {

std::string mended(std::string_view text) {
  std::vector<std::string> notes;
  return mend_spelling(text, notes);
}

}  // namespace

TEST_CASE("slips of the keyboard in words that matter are mended") {
  CHECK(mended("Depoly the api") == "Deploy the api");
  CHECK(mended("implment it, then reivew it.") == "implement it, then review it.");
  CHECK(mended("known vulnerabilites") == "known vulnerabilities");
  CHECK(mended("Refactorr the parser") == "Refactor the parser");
  std::vector<std::string> notes;
  CHECK(mend_spelling("Chekc and depoly", notes) == "Check and deploy");
  CHECK(notes == std::vector<std::string>{"\"Chekc\" is read as \"Check\"", "\"depoly\" is read as \"deploy\""});
}

TEST_CASE("what means something, is short, or is a name is left as it is") {
  for (const char* text :
       {"trial accounts arise from tracing a project", "fix the form, not from", "src/depoly/main.cc", "depoly.yaml", "`depoly`",
        "rename \"the depoly flag\"", "DEPOLY", "myDepoly", "x-depoly", "depoly()", "", "\xff\xfe", "updates designs implements"})
    CHECK(mended(text) == text);
}

TEST_CASE("whether a word may lack a letter: never no where one makes a word that matters, and seldom yes elsewhere") {
  for (const std::string word : {"deploy", "implement", "refactor", "document", "dependencies", "searches", "vulnerability",
                                 "vulnerabilities", "pipelines", "endpoints", "dashboard"}) {
    CAPTURE(word);
    REQUIRE((find_verb(word) || find_noun(word)));
    for (std::size_t at = 1; at < word.size(); ++at) {
      std::string shorter = word;
      shorter.erase(at, 1);
      CAPTURE(shorter);
      CHECK(may_lack_letter(shorter));
    }
  }
  int may = 0;
  constexpr int k_words = 1'000;
  for (int n = 0; n < k_words; ++n) {
    std::string word = "qzxwvkjq";  // no word at all, each time another one
    for (int digits = n; const std::size_t at : {1U, 3U, 5U}) {
      word[at] = static_cast<char>('a' + digits % 10);
      digits /= 10;
    }
    may += may_lack_letter(word) ? 1 : 0;
  }
  CHECK(may < k_words / 4);
}

TEST_CASE("only so many words are looked at") {
  std::string text, expected;
  for (int at = 0; at < 41; ++at) text += "depoly ";
  for (int at = 0; at < 40; ++at) expected += "deploy ";
  CHECK(mended(text) == expected + "depoly ");
}

TEST_CASE("the judgement says what was read differently") {
  const Analysis analysis = analyse(baton::test::task("Depoly the docs site"), baton::test::the_template());
  CHECK(analysis.masters == std::vector<std::string>{"cicd"});
  CHECK(analysis.reasons.front() == "+0: \"Depoly\" is read as \"Deploy\"");
}
