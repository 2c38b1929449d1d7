// What the service says outside of a turn, and the pauses between its attempts.
#include "service/remarks.h"

#include <doctest/doctest.h>

#include "service/backoff.h"

using namespace baton;

TEST_CASE("an attention is told once; another message for what stands is shown, and no news") {
  service::Remarks remarks;
  CHECK(remarks.raise("incomplete", "masters is gone"));
  CHECK(remarks.take_reworded());
  CHECK_FALSE(remarks.raise("incomplete", "masters is gone"));
  CHECK_FALSE(remarks.take_reworded());
  CHECK(remarks.raise("incomplete", "masters, .gitignore are gone"));
  CHECK(remarks.take_reworded());
  REQUIRE(remarks.attention().size() == 1);
  CHECK(remarks.attention()[0].message == "masters, .gitignore are gone");
  CHECK(remarks.take_news().size() == 1);
  remarks.clear("incomplete");
  remarks.clear("incomplete");
  CHECK(remarks.attention().empty());
  CHECK(remarks.take_news().size() == 1);
  CHECK(remarks.raise("incomplete", "masters, .gitignore are gone"));
}

TEST_CASE("pauses double from the first to the last, and begin anew once it worked") {
  service::Backoff pause;
  CHECK(pause.due(0));
  std::vector<std::int64_t> steps;
  for (int n = 0; n < 5; ++n) {
    pause.failed(100, 10, 40);
    steps.push_back(pause.at_ms - 100);
  }
  CHECK(steps == std::vector<std::int64_t>{10, 20, 40, 40, 40});
  CHECK_FALSE(pause.due(139));
  CHECK(pause.due(140));
  pause.worked();
  CHECK(pause.at_ms == 0);
  pause.failed(100, 10, 40);
  CHECK(pause.at_ms == 110);
}
