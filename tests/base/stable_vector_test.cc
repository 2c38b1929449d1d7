#include "base/stable_vector.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

using baton::StableVector;

static_assert(std::random_access_iterator<StableVector<int>::iterator>);
static_assert(std::random_access_iterator<StableVector<int>::const_iterator>);
static_assert(std::convertible_to<StableVector<int>::iterator, StableVector<int>::const_iterator>);
static_assert(!std::convertible_to<StableVector<int>::const_iterator, StableVector<int>::iterator>);

TEST_CASE("elements stay where they are, also when all of it is moved") {
  StableVector<std::string> words;
  const std::string* first = &words.emplace_back("first");
  for (int n = 0; n < 100; ++n) words.push_back(std::to_string(n));
  CHECK(&words.front() == first);
  const StableVector<std::string> moved = std::move(words);
  CHECK(&moved[0] == first);
  CHECK(moved.size() == 101);
  CHECK(moved.back() == "99");
}

TEST_CASE("a copy has elements of its own") {
  StableVector<std::string> words;
  words.push_back("one");
  StableVector<std::string> copy = words;
  copy[0] = "two";
  CHECK(words.at(0) == "one");
  words = copy;
  copy.clear();
  CHECK(copy.empty());
  CHECK(words.front() == "two");
}

TEST_CASE("algorithms see the elements") {
  StableVector<int> numbers;
  for (const int n : {3, 1, 2}) numbers.push_back(n);
  std::ranges::sort(numbers);
  CHECK(std::ranges::equal(numbers, std::vector{1, 2, 3}));
  const auto at = std::ranges::find(std::as_const(numbers), 2);
  CHECK(at - numbers.begin() == 1);
  CHECK(*(1 + at) == 3);
  CHECK(at[-1] == 1);
  std::ranges::reverse(numbers);
  CHECK(std::ranges::equal(numbers, std::vector{3, 2, 1}));
}
