// Reading the feed: whole lines, from any point, over rotation.
#include "front/feed_reader.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

std::string lines(int from, int to) {
  std::string text;
  for (int seq = from; seq <= to; ++seq) text += "{\"seq\":" + std::to_string(seq) + ",\"type\":\"t\"}\n";
  return text;
}

void append(const Coordination& coordination, const std::string& text) {
  std::ofstream(coordination.at("dashboard-events.jsonl"), std::ios::app | std::ios::binary) << text;
}

void rotate(const Coordination& coordination) {
  for (int n = 3; n >= 0; --n) {
    const std::string from = "dashboard-events.jsonl" + (n == 0 ? "" : "." + std::to_string(n));
    if (coordination.exists(from))
      std::filesystem::rename(coordination.at(from), coordination.at("dashboard-events.jsonl." + std::to_string(n + 1)));
  }
}

std::string drain(FeedReader& feed) {
  std::string text;
  for (;;) {
    const auto next = feed.next();
    REQUIRE(next.has_value());
    if (next->empty()) return text;
    for (const std::string& line : *next) text += line + "\n";
  }
}

}  // namespace

TEST_CASE("no feed yet, then one") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  CHECK(drain(feed).empty());
  append(coordination, lines(1, 3));
  CHECK(drain(feed) == lines(1, 3));
}

TEST_CASE("half a line waits for its end") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  append(coordination, "{\"seq\":1,");
  CHECK(drain(feed).empty());
  append(coordination, "\"type\":\"t\"}\n");
  CHECK(drain(feed) == lines(1, 1));
}

TEST_CASE("rotation between two looks loses nothing and repeats nothing") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  append(coordination, lines(1, 5));
  CHECK(drain(feed) == lines(1, 5));
  append(coordination, lines(6, 7));
  rotate(coordination);
  append(coordination, lines(8, 9));
  rotate(coordination);
  append(coordination, lines(10, 12));
  CHECK(drain(feed) == lines(6, 12));
}

TEST_CASE("a file larger than one read") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  const std::string many = lines(1, 40'000);
  append(coordination, many);
  CHECK(drain(feed) == many);
}

TEST_CASE("since a number, however far back") {
  const Coordination coordination;
  append(coordination, lines(1, 4));
  rotate(coordination);
  append(coordination, lines(5, 8));
  rotate(coordination);
  append(coordination, lines(9, 10));
  const Folder folder = *Folder::open(coordination.root());
  for (int since = 0; since <= 10; ++since) {
    INFO(since);
    FeedReader feed(folder);
    REQUIRE(feed.start_after(since));
    CHECK(drain(feed) == lines(since + 1, 10));
  }
}

TEST_CASE("the last lines") {
  const Coordination coordination;
  append(coordination, lines(1, 20'000));
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  REQUIRE(feed.start_at_end(10));
  CHECK(drain(feed) == lines(19'991, 20'000));
  append(coordination, lines(20'001, 20'001));
  CHECK(drain(feed) == lines(20'001, 20'001));
}

TEST_CASE("fewer lines than asked for") {
  const Coordination coordination;
  append(coordination, lines(1, 3));
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  REQUIRE(feed.start_at_end(10));
  CHECK(drain(feed) == lines(1, 3));
}

TEST_CASE("a truncated feed is read from its beginning") {
  const Coordination coordination;
  const Folder folder = *Folder::open(coordination.root());
  FeedReader feed(folder);
  append(coordination, lines(1, 9));
  drain(feed);
  std::filesystem::resize_file(coordination.at("dashboard-events.jsonl"), 0);
  append(coordination, lines(10, 10));
  CHECK(drain(feed) == lines(10, 10));
}

TEST_CASE("events for people and as they stand") {
  const Coordination coordination;
  append(coordination,
         "{\"seq\":1,\"timestamp\":\"2025-11-05T18:00:04Z\",\"type\":\"subtask_completed\",\"orchestration_id\":\"orch-auth\","
         "\"subtask_id\":\"auth-001\",\"summary\":\"done\\u001b[31m\",\"files\":[\"a\",\"b\"]}\nnot json\n");
  const Ran people = coordination.run({"events"});
  CHECK(people.out == "2025-11-05 18:00:04Z  subtask_completed       auth-001  summary: done[31m  files: a, b\nnot json\n");
  const Ran raw = coordination.run({"events", "--json", "--since", "0"});
  CHECK(raw.out == coordination.read("dashboard-events.jsonl"));
  CHECK(coordination.run({"events", "--since", "-1"}).code == 2);
}
