// Random lives: a worker with progress inside its limit is never condemned, one without always is, at most one interval of
// looks later. The seed of a failing life is printed and replays it.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/health.h"
#include "rounds.h"

namespace baton::core {
namespace {

enum class Sign { heartbeat, report, cpu, files, output };

struct Life {
  LivenessLimits limits;
  WorkerTrace trace = WorkerTrace::local;
  bool first_look = false;
  std::vector<std::pair<std::int64_t, Sign>> signs;  // by time; after the last one it hangs
  std::int64_t wall_offset = 0;                      // wall clock against mono, changed in the middle
  std::optional<std::int64_t> wall_jump_at;
};

struct Random {
  std::mt19937_64 engine;
  std::int64_t from_to(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine);
  }
  bool one_in(int n) { return from_to(1, n) == 1; }
};

bool is_seen(WorkerTrace trace, Sign sign) {
  const bool heard = sign == Sign::heartbeat || sign == Sign::report;
  if (trace == WorkerTrace::remote) return heard;
  return trace == WorkerTrace::local || sign == Sign::files;
}

Life random_life(Random& random) {
  Life life;
  life.limits.heartbeat_timeout = random.from_to(1, 300'000);
  life.limits.zombie_after = random.from_to(1, 1'500'000);
  life.trace = std::array{WorkerTrace::local, WorkerTrace::local, WorkerTrace::remote,
                          WorkerTrace::none}[static_cast<std::size_t>(random.from_to(0, 3))];
  life.first_look = random.one_in(2);
  std::int64_t at = 0;
  const std::int64_t count = random.from_to(0, 30);
  const std::int64_t only = random.from_to(0, 9);  // half of the lives know one kind of sign
  for (std::int64_t i = 0; i < count; ++i) {
    const auto sign = static_cast<Sign>(only < 5 ? only : random.from_to(0, 4));
    const std::int64_t limit = life.limits.zombie_after;
    at += random.one_in(4) ? limit - 1 : random.from_to(0, limit - 1);
    if (is_seen(life.trace, sign)) life.signs.emplace_back(at, sign);
  }
  // What cannot be seen was left out: so that no gap is longer than the limit, gaps are closed again.
  std::int64_t before = 0;
  std::int64_t shift = 0;
  for (auto& [when, sign] : life.signs) {
    when -= shift;
    const std::int64_t longest = before + life.limits.zombie_after - 1;
    if (when > longest) {
      shift += when - longest;
      when = longest;
    }
    before = when;
  }
  return life;
}

struct Run {
  std::int64_t condemned_at = -1;
  std::vector<WorkerState> states;  // without repeats
  int looks = 0;
  bool asked_twice = false;  // for a look, in one turn: it would never end
  bool without_evidence = false;
};

class World {
 public:
  explicit World(const Life& life) : life_(life), worker_(life.trace, life.limits, 0, 0) {}

  Run run(std::int64_t end) {
    if (life_.first_look) worker_.looked(0, look(0));
    auto sign = life_.signs.begin();
    for (;;) {
      const std::int64_t due = worker_.deadline().value_or(end + 1);
      const std::int64_t next = sign == life_.signs.end() ? due : std::min(due, sign->first);
      if (is_final(worker_.state()) || next > end) return run_;
      now_ = std::max(now_, next);
      for (; sign != life_.signs.end() && sign->first <= now_; ++sign) apply(sign->second);
      judge();
    }
  }

 private:
  void apply(Sign sign) {
    switch (sign) {
      case Sign::heartbeat: return worker_.heard(now_);
      case Sign::report: return worker_.reported(now_);
      case Sign::cpu: cpu_ms_ += 10; return;
      case Sign::files: ++files_; return;
      case Sign::output: ++output_; return;
    }
  }

  WorkerLook look(std::int64_t at) {
    ++run_.looks;
    WorkerLook look;
    const bool jumped = life_.wall_jump_at && at >= *life_.wall_jump_at;
    look.files = std::vector<std::uint64_t>{static_cast<std::uint64_t>(files_)};
    look.files_place = "x";
    look.files_changed_at = std::max<std::int64_t>(at + (jumped ? life_.wall_offset : 0), 0);
    if (life_.trace == WorkerTrace::none) return look;
    look.cpu_ms = cpu_ms_;
    look.processes = 1;
    look.output_bytes = output_;
    return look;
  }

  void judge() {
    WorkerVerdict verdict = worker_.judge(now_);
    if (verdict.look) {
      worker_.looked(now_, look(now_));
      verdict = worker_.judge(now_);
      run_.asked_twice |= verdict.look;
    }
    if (run_.states.empty() || run_.states.back() != verdict.state) run_.states.push_back(verdict.state);
    if (verdict.state != WorkerState::zombie) return;
    run_.condemned_at = now_;
    run_.without_evidence = verdict.evidence.empty();
  }

  const Life& life_;
  Liveness worker_;
  Run run_;
  std::int64_t now_ = 0;
  std::int64_t cpu_ms_ = 0;
  std::uint64_t files_ = 0;
  std::int64_t output_ = 0;
};

}  // namespace

TEST_CASE("nobody is condemned by mistake, and no true zombie is missed") {
  for (int seed = 1; seed <= test::rounds(500, 20'000); ++seed) {
    CAPTURE(seed);
    Random random{std::mt19937_64(static_cast<std::uint64_t>(seed))};
    const Life life = random_life(random);
    const std::int64_t last = life.signs.empty() ? 0 : life.signs.back().first;
    const std::int64_t limit = life.limits.zombie_after;
    const std::int64_t interval = std::max(std::min(life.limits.heartbeat_timeout, limit), limit / 60);
    const std::int64_t latest = last + limit + interval;
    const Run run = World(life).run(latest + 10 * limit);
    REQUIRE(run.condemned_at >= last + limit);
    REQUIRE(run.condemned_at <= latest);
    REQUIRE_FALSE(run.asked_twice);
    REQUIRE_FALSE(run.without_evidence);
  }
}

TEST_CASE("setting the wall clock changes nothing") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random{std::mt19937_64(seed)};
    Life life = random_life(random);
    const std::int64_t end = 100'000'000;
    const Run plain = World(life).run(end);
    life.wall_jump_at = random.from_to(0, 1'000'000);
    life.wall_offset = random.from_to(-10'000'000'000, 10'000'000'000);
    const Run jumped = World(life).run(end);
    REQUIRE(plain.condemned_at == jumped.condemned_at);
    REQUIRE(plain.states == jumped.states);
    REQUIRE(plain.looks == jumped.looks);
  }
}

TEST_CASE("a hanging worker is looked at a few times, not again and again") {
  Life life;
  const Run run = World(life).run(100'000'000);
  CHECK(run.condemned_at == 23 * 60'000);
  CHECK(run.looks <= 10);
}

}  // namespace baton::core
