// Whatever a worker writes after whatever it wrote before is read as if it were the first.
#include "protocol/spec_reader.h"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <random>

#include "rounds.h"

using namespace baton;
using namespace baton::protocol;

namespace {

const std::string k_plain =
    R"({"worker_id": "w-1", "subtask_id": "t-1", "pid": 4711, "status": "running", "started_at": "2026-01-02T03:04:05Z",
 "progress_percent": 40, "current_step": "reads", "last_heartbeat": "2026-01-02T03:05:00Z", "tokens_used": 1200, "cost_usd": 0.25})";

std::string in_words(const Result<WorkerIn>& read) {
  if (!read) return "error: " + read.error().message;
  const WorkerIn& w = *read;
  std::string words = w.worker_id + "|" + w.subtask_id + "|" + w.current_step + "|" + w.master + "|" + w.host + "|" + w.worktree +
                      "|" + w.output_file + "|" + (w.pid ? std::to_string(*w.pid) : "none");
  for (const std::int64_t n : {std::int64_t{w.epoch}, std::int64_t{w.progress_percent}, w.started_at, w.last_heartbeat,
                               w.tokens_used, std::int64_t{w.has_result}})
    words += "|" + std::to_string(n);
  return words + "|" + std::to_string(std::bit_cast<std::uint64_t>(w.cost_usd));
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), with);
}

/// `second` as one reads it that has read `first`, and as one that has not.
void check_same(const std::string& first, const std::string& second) {
  SpecReader reader;
  static_cast<void>(reader.read(first));
  CAPTURE(first);
  CAPTURE(second);
  CHECK(in_words(reader.read(second)) == in_words(read_worker_spec(second)));
  CHECK(in_words(reader.read(first)) == in_words(read_worker_spec(first)));
}

}  // namespace

TEST_CASE("what a worker says of its progress is read anew each time") {
  SpecReader reader;
  std::string spec = k_plain;
  REQUIRE(reader.read(spec).has_value());
  replace(spec, "40", "97.5");
  replace(spec, "reads", "writes the last test");
  replace(spec, "03:05:00Z", "03:06:01.5Z");
  replace(spec, "1200", "98000");
  replace(spec, "0.25", "12");
  CHECK(reader.again(spec).has_value());
  const auto worker = reader.read(spec);
  REQUIRE(worker.has_value());
  CHECK(worker->progress_percent == 98);
  CHECK(worker->current_step == "writes the last test");
  CHECK(worker->last_heartbeat - worker->started_at == 116'500);
  CHECK(worker->tokens_used == 98'000);
  CHECK(worker->cost_usd == 12);
  CHECK(worker->subtask_id == "t-1");
  CHECK(worker->pid == 4711);
}

TEST_CASE("every value in the place of every other, and every second text after every first") {
  constexpr std::array<std::string_view, 34> k_values{"0",
                                                      "7",
                                                      "100",
                                                      "101",
                                                      "-1",
                                                      "041",
                                                      "1.",
                                                      ".5",
                                                      "1.50",
                                                      "1e2",
                                                      "1E400",
                                                      "99999999999999999999",
                                                      "true",
                                                      "null",
                                                      "[]",
                                                      "{}",
                                                      R"("")",
                                                      R"(" ")",
                                                      R"("null")",
                                                      R"("n/a")",
                                                      R"("40")",
                                                      R"("40%")",
                                                      R"("a b")",
                                                      R"("a\"b")",
                                                      R"("a\u0041")",
                                                      "\"caf\xc3\xa9\"",
                                                      "\"\xff\"",
                                                      "\"a\tb\"",
                                                      R"("open)",
                                                      R"("2026-02-30T00:00:00Z")",
                                                      R"("1767323105")",
                                                      "",
                                                      "1 2",
                                                      R"("a" "b")"};
  for (const std::string_view old : {R"(40)", R"("reads")", R"("2026-01-02T03:05:00Z")", "1200", "0.25", "4711", R"("running")"})
    for (const std::string_view value : k_values) {
      std::string spec = k_plain;
      replace(spec, old, value);
      check_same(k_plain, spec);
      check_same(spec, k_plain);
      check_same(spec, spec);
    }
}

TEST_CASE("up to their bounds texts, numbers and specs are known again, and one past them read anew") {
  const auto known_with = [](std::string_view old, const std::string& value) {
    SpecReader reader;
    REQUIRE(reader.read(k_plain).has_value());
    std::string spec = k_plain;
    replace(spec, old, value);
    check_same(k_plain, spec);
    return reader.again(spec).has_value();
  };
  CHECK(known_with("reads", std::string(1022, 'x')));
  CHECK_FALSE(known_with("reads", std::string(1023, 'x')));
  CHECK(known_with("1200", "999999999999999"));
  CHECK_FALSE(known_with("1200", "9999999999999999"));
  for (const std::size_t length : {4096U, 4097U}) {
    SpecReader reader;
    std::string spec = k_plain;
    spec.insert(1, length - spec.size(), ' ');
    REQUIRE(reader.read(spec).has_value());
    CHECK(reader.again(spec).has_value() == (length == 4096));
  }
}

TEST_CASE("members that come, go, come twice or by another name") {
  const std::array<std::string, 10> others{
      R"({"subtask_id": "t-1", "progress": 10, "current_activity": "thinks"})",
      R"({"subtask_id": "t-1", "progress": 10, "progress_percent": 20, "current_step": "thinks"})",
      R"({"subtask_id": "t-1", "progress_percent": 10, "progress_percent": 20})",
      R"({"subtask_id": "t-1", "progress_percent": 10, "status": "completed"})",
      R"({"subtask_id": "t-1", "progress_percent": 10, "execution": {"last_heartbeat": "2026-01-02T03:05:00Z", "tokens_used": 5}})",
      R"({"subtask_id": "t-1", "last_heartbeat": 1767323105, "progress_percent": 10})",
      R"({"subtask_id": "t-1", "progress_percent": 10, "progress\u005fpercent": 20})",
      "\xef\xbb\xbf" + k_plain,
      R"(["progress_percent", 10])",
      R"({"subtask_id": "t-1", "result": {"progress_percent": 10, "current_step": "x"}})"};
  for (const std::string& first : others) {
    check_same(first, k_plain);
    check_same(k_plain, first);
    std::string second = first;
    replace(second, "10", "11");
    check_same(first, second);
  }
}

TEST_CASE("texts that differ by a few bytes anywhere") {
  constexpr std::string_view k_bytes = "\"\\{}[],:.-0159eE \n\tax\xc3\xa9\xff\x7f";
  for (unsigned seed = 1; seed <= static_cast<unsigned>(test::rounds(1'500, 100'000)); ++seed) {
    std::minstd_rand random(seed);
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    std::string second = k_plain;
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      const std::size_t at = below(second.size());
      const char byte = k_bytes[below(k_bytes.size())];
      switch (below(3)) {
        case 0: second[at] = byte; break;
        case 1: second.insert(at, 1, byte); break;
        default: second.erase(at, 1 + below(3));
      }
    }
    CAPTURE(seed);
    check_same(k_plain, second);
  }
}
