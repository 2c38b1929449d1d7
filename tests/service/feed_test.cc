#include "service/feed.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "rounds.h"
#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_feed = "dashboard-events.jsonl";

void say(Run& run, int count) {
  static_cast<void>(run.turn([&](service::Turn& turn) {
    for (int i = 0; i < count; ++i) turn.say({"task_received", "t-1", "", "", {{"text", std::string("words")}}});
  }));
}

/// Every seq of the feed, the oldest file first; -1 for a line that is no event of ours.
std::vector<std::int64_t> seqs(const Workshop& workshop) {
  std::string all;
  for (int n = 9; n >= 1; --n) all += workshop.get(k_feed + "." + std::to_string(n));
  std::istringstream lines(all + workshop.get(k_feed));
  std::vector<std::int64_t> found;
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);
    found.push_back(entry.is_object() && entry.contains("seq") ? entry["seq"].get<std::int64_t>() : -1);
  }
  return found;
}

/// The seqs without foreign lines.
std::vector<std::int64_t> ours(const Workshop& workshop) {
  auto found = seqs(workshop);
  std::erase(found, -1);
  return found;
}

std::vector<std::int64_t> up_to(std::int64_t last) {
  std::vector<std::int64_t> all;
  for (std::int64_t seq = 1; seq <= last; ++seq) all.push_back(seq);
  return all;
}

/// Unlike the macro it lets a Crash through.
void require(const Result<>& done) { REQUIRE(done.has_value()); }

void bring_up_to_date(Run& run) {
  service::Feed feed(run.world);
  REQUIRE(feed.restore(run.loaded.feed, run.loaded.last_seq).has_value());
  REQUIRE(feed.append().has_value());
}

}  // namespace

TEST_CASE("the feed cut at every byte: each line exactly once after a start") {
  Workshop workshop;
  { Run(workshop).task("t-1"); }
  { say(*std::make_unique<Run>(workshop), 3); }
  Run run(workshop);
  const std::string whole = workshop.get(k_feed);
  const auto expected = up_to(run.loaded.last_seq);
  REQUIRE(run.loaded.feed.size() == expected.size());
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    workshop.put(k_feed, whole.substr(0, cut));
    bring_up_to_date(run);
    REQUIRE(workshop.get(k_feed) == whole);
  }
}

TEST_CASE("lines of others between ours, and a half one at the end, are left alone") {
  Workshop workshop;
  Run run(workshop);
  say(run, 2);
  workshop.put(k_feed, workshop.get(k_feed) + "{\"type\":\"theirs\"}\n{\"half");
  say(run, 1);
  CHECK(seqs(workshop) == std::vector<std::int64_t>{1, 2, -1, -1, 3});
  workshop.put(k_feed, workshop.get(k_feed) + "no newline");
  say(run, 1);
  CHECK(seqs(workshop) == std::vector<std::int64_t>{1, 2, -1, -1, 3, -1, 4});
  CHECK(workshop.get(k_feed).ends_with("\n"));
}

TEST_CASE("a half line of others at the end of the feed when the daemon starts") {
  Workshop workshop;
  { say(*std::make_unique<Run>(workshop), 2); }
  const std::string whole = workshop.get(k_feed);
  const std::string first = whole.substr(0, whole.find('\n') + 1);
  Run run(workshop);
  for (const char* half : {"x", "{\"type\":\"theirs", "\n\nz"}) {
    workshop.put(k_feed, first + half);
    bring_up_to_date(run);
    CHECK(ours(workshop) == up_to(2));
    CHECK(workshop.get(k_feed).starts_with(first + half));
  }
}

TEST_CASE("an append that stops after k bytes is finished later, whatever k") {
  const auto step = static_cast<std::size_t>(test::rounds(9, 1));
  std::size_t length = 1, line = 1;  // of all that is appended, of its first line
  for (std::size_t keep = 0; keep < length; ++keep) {
    const bool is_edge = keep <= 1 || keep == line || keep + 1 == line || keep + 1 == length;
    if (!is_edge && keep % step != 0) continue;
    CAPTURE(keep);
    Workshop workshop;
    Run run(workshop);
    say(run, 1);
    workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::append; });
    workshop.files.restart_count();
    workshop.files.tear(1, keep);
    static_cast<void>(run.turn([](service::Turn& turn) {
      for (int i = 0; i < 2; ++i) turn.say({"task_received", "t-1", "", "", {}});
    }));
    CHECK(run.feed.retry_due());
    const std::size_t torn = workshop.get(k_feed).size();
    workshop.files.clear();
    REQUIRE(run.feed.append().has_value());
    CHECK_FALSE(run.feed.retry_due());
    CHECK(seqs(workshop) == up_to(3));
    const std::string appended = workshop.get(k_feed).substr(torn - keep);
    length = appended.size();
    line = appended.find('\n') + 1;
  }
  CHECK(line > 50);
  CHECK(length > 100);
}

TEST_CASE("a torn append says that there is no space, and a crash then loses nothing") {
  for (const std::size_t keep : {0, 1, 50, 150}) {
    CAPTURE(keep);
    Workshop workshop;
    {
      Run run(workshop);
      say(run, 1);
      workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::append; });
      workshop.files.restart_count();
      workshop.files.tear(1, keep);
      const auto performed = run.turn([](service::Turn& turn) {
        for (int i = 0; i < 3; ++i) turn.say({"task_received", "t-1", "", "", {}});
      });
      REQUIRE_FALSE(performed.has_value());
      CHECK(performed.error().code == ErrorCode::no_space);
      CHECK(performed.error().message == "cannot append to dashboard-events.jsonl: no space left");
      workshop.files.clear();
    }
    Run run(workshop);
    CHECK(run.feed.retry_due());
    REQUIRE(run.feed.append().has_value());
    CHECK(seqs(workshop) == up_to(4));
  }
}

TEST_CASE("the feed deleted, replaced or emptied while the daemon runs, then a crash: no line twice") {
  const auto ways = std::vector<std::function<void(Workshop&)>>{
      [](Workshop& w) { w.remove(k_feed); },
      [](Workshop& w) { w.put(k_feed, ""); },  // the same inode, shorter
      [](Workshop& w) { w.drop(k_feed, "{\"type\":\"theirs\"}\n"); },
  };
  for (std::size_t way = 0; way < ways.size(); ++way) {
    CAPTURE(way);
    Workshop workshop;
    std::string stands;
    {
      Run run(workshop);
      say(run, 2);
      REQUIRE(run.feed.sync().has_value());
      say(run, 1);
      REQUIRE(run.feed.sync().has_value());
      static_cast<void>(run.turn([&](service::Turn& turn) {
        turn.say({"task_received", "t-1", "", "", {}});
        turn.say({"task_received", "t-1", "", "", {}});
        run.publisher.stage(turn);
        turn.changes.effects.clear();
        ways[way](workshop);
      }));
      stands = workshop.get(k_feed);
      const auto left = ours(workshop);
      CHECK(left == std::vector<std::int64_t>{4, 5});
    }
    Run run(workshop);
    REQUIRE(run.feed.append().has_value());
    const auto found = ours(workshop);
    CHECK(std::count(found.begin(), found.end(), 4) == 1);
    CHECK(std::count(found.begin(), found.end(), 5) == 1);
  }
}

TEST_CASE("a sync of a feed that was taken away is no failure") {
  Workshop workshop;
  Run run(workshop);
  say(run, 2);
  workshop.remove(k_feed);
  CHECK(run.feed.sync().has_value());
  say(run, 1);
  CHECK(ours(workshop) == std::vector<std::int64_t>{3});
}

TEST_CASE("rows are forgotten only once the file was synced") {
  Workshop workshop;
  {
    Run run(workshop);
    say(run, 2);
    CHECK(run.feed.sync_due());
    CHECK(run.feed.synced_seq() == 0);
    say(run, 1);
  }
  {
    Run run(workshop);
    CHECK(run.loaded.feed.size() == 3);
    CHECK(run.feed.sync_due());
    REQUIRE(run.feed.sync().has_value());
    CHECK_FALSE(run.feed.sync_due());
    CHECK(run.feed.synced_seq() == 3);
    say(run, 1);
  }
  Run run(workshop);
  REQUIRE(run.loaded.feed.size() == 1);
  CHECK(run.loaded.feed[0].seq == 4);
  CHECK(seqs(workshop) == up_to(4));
}

TEST_CASE("a sync while lines are still missing vouches only for those that stand") {
  Workshop workshop;
  {
    Run run(workshop);
    say(run, 2);
  }
  workshop.put(k_feed, workshop.get(k_feed).substr(0, workshop.get(k_feed).find('\n') + 1));
  Run run(workshop);
  REQUIRE(run.feed.retry_due());
  REQUIRE(run.feed.sync().has_value());
  CHECK(run.feed.synced_seq() == 1);
}

TEST_CASE("rotation keeps seq, and a crash at any of its steps brings no line twice") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        workshop.config.events_max_bytes = 1;
        workshop.config.events_keep = 3;
        workshop.put(k_feed + ".1", "{\"type\":\"older\"}\n");
      },
      [](Run& run) {
        say(run, 2);
        require(run.feed.sync());
        require(run.feed.rotate_if_large());
        say(run, 2);
        require(run.feed.rotate_if_large());
        say(run, 1);
      },
      [](Run& run) {
        REQUIRE(run.feed.append().has_value());
        CHECK(ours(run.workshop) == up_to(run.loaded.last_seq));
        say(run, 1);
        CHECK(ours(run.workshop) == up_to(run.loaded.last_seq + 1));
      });
  CHECK(stops > 10);
}

TEST_CASE("as many rotated files stay as the settings say") {
  for (const int keep : {0, 1, 3}) {
    Workshop workshop;
    workshop.config.events_max_bytes = 1;
    workshop.config.events_keep = keep;
    Run run(workshop);
    for (int i = 0; i < 6; ++i) {
      say(run, 1);
      REQUIRE(run.feed.rotate_if_large().has_value());
    }
    int files = 0;
    for (int n = 1; n < 9; ++n) files += workshop.has(k_feed + "." + std::to_string(n)) ? 1 : 0;
    CHECK(files == keep);
    CHECK_FALSE(workshop.has(k_feed));
    CHECK(ours(workshop).size() == static_cast<std::size_t>(keep));
  }
}

TEST_CASE("a rotation that cannot be done is put off, and the feed goes on") {
  Workshop workshop;
  workshop.config.events_max_bytes = 1;
  workshop.folder.folder(k_feed + ".1/full");
  Run run(workshop);
  say(run, 1);
  CHECK(run.feed.rotate_if_large().has_value());
  say(run, 1);
  CHECK(run.feed.rotate_if_large().has_value());
  CHECK(ours(workshop) == up_to(2));
}

TEST_CASE("what is no file in the feed's place is moved aside and told, and the feed goes on in a file") {
  Workshop workshop;
  Run run(workshop);
  say(run, 1);
  REQUIRE(run.feed.sync().has_value());
  say(run, 1);
  SUBCASE("a symlink") {
    workshop.move(k_feed, "real.jsonl");
    std::filesystem::create_symlink("real.jsonl", workshop.folder / k_feed);
  }
  SUBCASE("a folder") {
    workshop.move(k_feed, "real.jsonl");
    workshop.folder.folder(k_feed);
  }
  CHECK(run.feed.sync().has_value());  // what was to be synced went away with it
  say(run, 1);
  CHECK(seqs(workshop) == std::vector<std::int64_t>{3});
  CHECK(std::filesystem::exists(std::filesystem::symlink_status(workshop.folder / (k_feed + ".aside"))));
  const auto news = run.world.remarks.take_news();
  REQUIRE(news.size() == 1);
  CHECK(news[0].type == "document_rejected");
}
