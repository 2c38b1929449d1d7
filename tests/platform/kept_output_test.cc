#include "platform/kept_output.h"

#include <doctest/doctest.h>

#include <string>

using namespace baton::platform;

namespace {

/// Added in pieces of this size.
KeptOutput::Text kept(std::size_t head, std::size_t tail, const std::string& bytes, std::size_t piece) {
  KeptOutput output(head, tail);
  for (std::size_t at = 0; at < bytes.size(); at += piece) output.add(std::string_view(bytes).substr(at, piece));
  return output.take();
}

}  // namespace

TEST_CASE("what fits is whole, and one byte more is left out between beginning and end") {
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 100u}) {
    CAPTURE(piece);
    const auto whole = kept(3, 4, "abcdefg", piece);
    CHECK(whole.head + whole.tail == "abcdefg");
    CHECK(whole.left_out == 0);
    const auto more = kept(3, 4, "abcdefgh", piece);
    CHECK(more.head == "abc");
    CHECK(more.tail == "efgh");
    CHECK(more.left_out == 1);
    const auto much = kept(3, 4, std::string(1'000, 'x') + "the end", piece);
    CHECK(much.head == "xxx");
    CHECK(much.tail == " end");
    CHECK(much.left_out == 1'000);
  }
}

TEST_CASE("without an end only the beginning is kept") {
  const auto text = kept(2, 0, "abcd", 1);
  CHECK(text.head == "ab");
  CHECK(text.tail.empty());
  CHECK(text.left_out == 2);
}

TEST_CASE("what was taken is gone") {
  KeptOutput output(1, 1);
  output.add("abc");
  CHECK(output.take().left_out == 1);
  output.add("z");
  const auto text = output.take();
  CHECK(text.head == "z");
  CHECK(text.left_out == 0);
}
