#include "core/health.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace baton::core {
namespace {

constexpr std::int64_t k_s = 1'000;
constexpr std::int64_t k_min = 60 * k_s;

Liveness local() { return {WorkerTrace::local, {}, 0, 0}; }

std::vector<std::uint64_t> marks(std::uint64_t mark) { return {mark}; }

WorkerLook computing(std::int64_t cpu_ms) {
  WorkerLook look;
  look.cpu_ms = cpu_ms;
  look.processes = 3;
  return look;
}

/// Asks at every deadline from `now` up to and including `end`, and answers each look with `look`; the last verdict.
WorkerVerdict run_to(Liveness& worker, std::int64_t end, const WorkerLook& look, std::int64_t now = 0) {
  WorkerVerdict verdict;
  for (auto at = worker.deadline(); at && *at <= end; at = worker.deadline()) {
    now = std::max(now, *at);  // a look may be owed
    verdict = worker.judge(now);
    if (!verdict.look) continue;
    worker.looked(now, look);
    verdict = worker.judge(now);
  }
  return is_final(verdict.state) ? verdict : worker.judge(end);
}

std::string told(const WorkerVerdict& verdict) {
  std::string text = std::string(name(verdict.state)) + " " + verdict.reason;
  for (const std::string& sentence : verdict.evidence) text += "\n" + sentence;
  return text;
}

}  // namespace

TEST_CASE("a worker is starting until it shows a sign of life") {
  Liveness worker = local();
  CHECK(worker.judge(0).state == WorkerState::starting);
  CHECK(worker.judge(3 * k_min - 1).state == WorkerState::starting);
  worker.heard(3 * k_min - 1);
  CHECK(worker.judge(3 * k_min - 1).state == WorkerState::working);
}

TEST_CASE("heartbeats alone make it idle, a new step makes it work again") {
  Liveness worker = local();
  worker.reported(k_min);
  CHECK(worker.judge(k_min).state == WorkerState::working);
  CHECK(worker.deadline() == 4 * k_min);
  for (std::int64_t at = k_min; at <= 120 * k_min; at += k_min) {
    worker.heard(at);
    const WorkerVerdict verdict = worker.judge(at);
    CHECK(verdict.state == (at < 4 * k_min ? WorkerState::working : WorkerState::idle));
    CHECK_FALSE(verdict.look);  // looks cost something
    CHECK(verdict.evidence.empty());
  }
  worker.reported(121 * k_min);
  CHECK(worker.judge(121 * k_min).state == WorkerState::working);
}

TEST_CASE("silence alone says nothing: two looks do") {
  Liveness worker = local();
  worker.heard(0);
  CHECK_FALSE(worker.judge(3 * k_min - 1).look);
  CHECK(worker.judge(3 * k_min).look);
  CHECK(worker.judge(3 * k_min).state == WorkerState::working);
  worker.looked(3 * k_min, computing(500));
  CHECK(worker.judge(3 * k_min).state == WorkerState::working);  // nobody knows what it was before
  CHECK(worker.deadline() == 3 * k_min + 10 * k_s);

  SUBCASE("nothing moved") {
    worker.looked(3 * k_min + 10 * k_s, computing(500));
    CHECK(told(worker.judge(3 * k_min + 10 * k_s)) ==
          "stalled no_heartbeat\nno heartbeat for 3 min\nCPU time of its 3 processes stood still at 0.5 s for 10 s");
  }
  SUBCASE("it computes") {
    worker.looked(3 * k_min + 10 * k_s, computing(510));
    CHECK(worker.judge(3 * k_min + 10 * k_s).state == WorkerState::working);
    CHECK(worker.progress_at() == 3 * k_min + 10 * k_s);
  }
}

TEST_CASE("a look at its first sight spares the second one later") {
  Liveness worker = local();
  worker.looked(0, computing(0));
  CHECK(worker.deadline() == 3 * k_min);
  CHECK(worker.judge(3 * k_min).look);
  worker.looked(3 * k_min, computing(0));
  CHECK(worker.judge(3 * k_min).state == WorkerState::stalled);
}

TEST_CASE("what it did before its last heartbeat is no progress after it") {
  Liveness worker = local();
  worker.looked(0, computing(0));
  worker.heard(k_min);
  worker.judge(4 * k_min);
  worker.looked(4 * k_min, computing(900));  // when this was, nobody knows
  CHECK(worker.progress_at() == k_min);
  CHECK(told(run_to(worker, 30 * k_min, computing(900))) ==
        "zombie no_progress\nno heartbeat for 23 min\nCPU time of its 3 processes stood still at 0.9 s for 20 min");
}

TEST_CASE("a zombie: everything that can be seen of it has stood still") {
  Liveness worker = local();
  WorkerLook look = computing(12'430);
  look.stopped = true;
  look.files = marks(7);
  look.files_place = "worktrees/x";
  look.files_changed_at = 1'762'365'600'000;
  look.output_bytes = 99;
  look.whole = false;
  worker.looked(0, look);
  CHECK(run_to(worker, 20 * k_min - 1, look).state == WorkerState::stalled);
  CHECK(told(run_to(worker, 20 * k_min, look)) ==
        "zombie no_progress\n"
        "no heartbeat since it was first seen 20 min ago\n"
        "its process is stopped by a signal\n"
        "CPU time of its 3 processes stood still at 12.4 s for 20 min\n"
        "nothing changed under worktrees/x for 20 min (last change 2025-11-05T18:00:00Z)\n"
        "its output stood at 99 bytes for 20 min\n"
        "there was more than could be looked at");
  CHECK_FALSE(worker.deadline().has_value());
  worker.heard(21 * k_min);  // too late
  CHECK(worker.judge(21 * k_min).state == WorkerState::zombie);
}

TEST_CASE("each kind of evidence saves it") {
  const auto saved_by = [](auto change) {
    Liveness worker = local();
    WorkerLook look = computing(100);
    look.files = marks(1);
    look.output_bytes = 1;
    worker.looked(0, look);
    CHECK(run_to(worker, 19 * k_min, look).state == WorkerState::stalled);
    change(look);
    const WorkerVerdict verdict = run_to(worker, 20 * k_min, look);
    CHECK(verdict.state == WorkerState::working);
    CHECK(verdict.evidence.empty());
    CHECK(run_to(worker, 40 * k_min - 1, look).state == WorkerState::stalled);
    CHECK(run_to(worker, 40 * k_min, look).state == WorkerState::zombie);
  };
  saved_by([](WorkerLook& look) { look.cpu_ms = 110; });
  saved_by([](WorkerLook& look) { look.cpu_ms = 90; });  // one of its processes has ended
  saved_by([](WorkerLook& look) { look.files = marks(2); });
  saved_by([](WorkerLook& look) { look.output_bytes = 2; });
}

TEST_CASE("looks that were cut short are held against each other as far as both went") {
  Liveness worker = local();
  WorkerLook look;
  const auto look_at = [&](std::int64_t at, std::vector<std::uint64_t> found) {
    look.files = std::move(found);
    worker.looked(at, look);
    return worker.judge(at).state;
  };
  look_at(0, {1, 2, 3});
  CHECK(look_at(5 * k_min, {1, 2}) == WorkerState::stalled);
  CHECK(look_at(10 * k_min, {1, 2, 3, 4}) == WorkerState::stalled);
  CHECK(look_at(20 * k_min - 1, {1}) == WorkerState::stalled);
  CHECK(look_at(30 * k_min - 1, {1, 2, 3}) == WorkerState::stalled);  // the fourth part was looked at for the first time
  CHECK(look_at(30 * k_min, {1, 2, 3}) == WorkerState::zombie);
  worker = local();
  look_at(0, {1, 2, 3});
  CHECK(look_at(5 * k_min, {1, 5}) == WorkerState::working);
  // What a shorter look did not come to is not forgotten.
  worker = local();
  look_at(0, {1, 2, 3});
  CHECK(look_at(5 * k_min, {1, 2}) == WorkerState::stalled);
  CHECK(look_at(6 * k_min, {1, 2, 9}) == WorkerState::working);
  // Where nobody has looked before something may have changed.
  worker = local();
  look_at(0, {1});
  look_at(19 * k_min, {1, 2});
  CHECK(look_at(20 * k_min, {1, 2}) == WorkerState::stalled);
  CHECK(look_at(39 * k_min, {1, 2}) == WorkerState::zombie);
}

TEST_CASE("evidence that appears only later says nothing about what was before") {
  Liveness worker = local();
  run_to(worker, 10 * k_min, computing(5));
  WorkerLook look = computing(5);
  look.files = marks(3);
  worker.looked(12 * k_min, look);
  CHECK(run_to(worker, 32 * k_min - 1, look).state == WorkerState::stalled);
  CHECK(run_to(worker, 32 * k_min, look).state == WorkerState::zombie);
}

TEST_CASE("a heartbeat brings a stalled worker back") {
  Liveness worker = local();
  CHECK(run_to(worker, 19 * k_min, computing(1)).state == WorkerState::stalled);
  worker.heard(19 * k_min);
  CHECK(worker.judge(19 * k_min).state == WorkerState::idle);
  CHECK(run_to(worker, 39 * k_min - 1, computing(1)).state == WorkerState::stalled);
  CHECK(run_to(worker, 39 * k_min, computing(1)).state == WorkerState::zombie);
}

TEST_CASE("nothing of it can be looked at: its heartbeats decide, and the verdict says so") {
  Liveness worker = local();
  worker.heard(0);
  CHECK(run_to(worker, 3 * k_min, {}).state == WorkerState::stalled);
  CHECK(told(run_to(worker, 20 * k_min, {})) ==
        "zombie no_progress\nno heartbeat for 20 min\n"
        "it named no process, no worktree and no files that could be looked at");
}

TEST_CASE("on another host only heartbeats count, and nothing is looked at") {
  Liveness worker(WorkerTrace::remote, {}, 0, 0);
  worker.heard(k_min);
  CHECK(run_to(worker, 4 * k_min - 1, computing(1)).state == WorkerState::idle);
  const WorkerVerdict stalled = run_to(worker, 4 * k_min, computing(1));
  CHECK(told(stalled) ==
        "stalled no_heartbeat\nno heartbeat for 3 min\nit runs on another host: only its heartbeats can be seen");
  CHECK_FALSE(stalled.look);
  CHECK(worker.deadline() == 21 * k_min);
  CHECK(worker.judge(21 * k_min).state == WorkerState::zombie);
}

TEST_CASE("claimed, and no worker was ever seen") {
  Liveness claim(WorkerTrace::none, {}, 0, 0);
  WorkerLook files;
  files.files = marks(1);
  files.files_place = "src";
  claim.looked(0, files);
  CHECK(run_to(claim, 20 * k_min - 1, files).state == WorkerState::starting);
  CHECK(told(run_to(claim, 20 * k_min, files)) ==
        "zombie never_seen\nit was claimed 20 min ago, and no worker was ever seen\nnothing changed under src for 20 min");
}

TEST_CASE("a claim whose files change is somebody's work") {
  Liveness claim(WorkerTrace::none, {}, 0, 0);
  WorkerLook look;
  for (std::int64_t at = 0; at <= 100 * k_min; at += 2 * k_min) {
    look.files = marks(static_cast<std::uint64_t>(at));
    claim.looked(at, look);
    CHECK_FALSE(is_final(claim.judge(at).state));
  }
  CHECK(claim.state() == WorkerState::working);
}

TEST_CASE("its process has exited") {
  Liveness worker = local();
  worker.reported(k_min);
  CHECK(worker.judge(k_min).state == WorkerState::working);
  worker.exited(2 * k_min, "its process 4711 has exited");
  CHECK(worker.judge(2 * k_min).state == WorkerState::working);
  CHECK(worker.deadline() == 2 * k_min + 5 * k_s);
  CHECK(worker.judge(2 * k_min + 5 * k_s - 1).state == WorkerState::working);

  SUBCASE("and that is all") {
    CHECK(told(worker.judge(2 * k_min + 5 * k_s)) == "gone exited\nits process 4711 has exited, and no result came within 5 s");
    CHECK_FALSE(worker.deadline().has_value());
  }
  SUBCASE("but somebody still gives signs of life") {
    worker.heard(2 * k_min + 4 * k_s);
    CHECK(worker.judge(10 * k_min).state != WorkerState::gone);
    CHECK(run_to(worker, 30 * k_min, {}).state == WorkerState::zombie);
  }
  SUBCASE("but another process goes on in its name") {
    worker.heard(2 * k_min + 500);
    worker.renewed();
    CHECK(worker.judge(10 * k_min).state != WorkerState::gone);
    CHECK(run_to(worker, 30 * k_min, {}).state == WorkerState::zombie);
  }
  SUBCASE("what it wrote just before its exit is no sign of life") {
    worker.heard(2 * k_min + k_s);
    CHECK(worker.judge(2 * k_min + 5 * k_s).state == WorkerState::gone);
  }
}

TEST_CASE("past its time limit, whatever it does") {
  LivenessLimits limits;
  limits.time_limit = 90 * k_min;
  Liveness worker(WorkerTrace::local, limits, 2 * k_min, k_min);
  for (std::int64_t at = 2 * k_min; at < 91 * k_min; at += k_min) {
    worker.reported(at);
    CHECK(worker.judge(at).state == WorkerState::working);
  }
  CHECK(worker.deadline() == 91 * k_min);
  CHECK(told(worker.judge(91 * k_min)) == "zombie time_limit\nclaimed 1 h 30 min ago; its time limit is 1 h 30 min");
}

TEST_CASE("three times its estimate makes it late, no more") {
  LivenessLimits limits;
  limits.estimate = 10 * k_min;
  Liveness worker(WorkerTrace::local, limits, 0, 0);
  worker.reported(29 * k_min);
  CHECK_FALSE(worker.judge(29 * k_min).late);
  CHECK(worker.deadline() == 30 * k_min);
  const WorkerVerdict verdict = worker.judge(30 * k_min);
  CHECK(verdict.late);
  CHECK(verdict.state == WorkerState::working);
}

TEST_CASE("a master whose workers give no signs: a person is told, nobody is condemned") {
  LivenessLimits limits;
  limits.reports_only = true;
  Liveness worker(WorkerTrace::local, limits, 0, 0);
  CHECK_FALSE(run_to(worker, 20 * k_min - 1, {}).overdue);
  WorkerVerdict verdict = run_to(worker, 20 * k_min, {});
  CHECK(verdict.overdue);
  CHECK(verdict.state == WorkerState::stalled);
  CHECK(verdict.reason == "no_progress");
  worker.exited(30 * k_min, "its process 1234 has exited");
  verdict = run_to(worker, 31 * k_min, {});
  CHECK(verdict.overdue);
  CHECK(verdict.reason == "exited");
  CHECK(verdict.state == WorkerState::stalled);
}

TEST_CASE("after a restart nobody is judged before one heartbeat_timeout") {
  Liveness worker = local();
  constexpr std::int64_t k_now = 500 * k_min;
  worker.adopted(k_now, 100 * k_min);
  CHECK(worker.judge(k_now).state == WorkerState::starting);
  CHECK(worker.judge(k_now).look);
  CHECK(run_to(worker, 503 * k_min - 1, computing(3), k_now).state == WorkerState::starting);
  CHECK(told(run_to(worker, 503 * k_min, computing(3))) ==
        "stalled no_heartbeat\nno heartbeat for 6 h 43 min\nCPU time of its 3 processes stood still at 0.0 s for 3 min");
  CHECK(run_to(worker, 520 * k_min - 1, computing(3)).state == WorkerState::stalled);
  CHECK(run_to(worker, 520 * k_min, computing(3)).state == WorkerState::zombie);
}

TEST_CASE("adopted with a heartbeat file from the future") {
  Liveness worker = local();
  worker.adopted(0, 1'000 * k_min);
  CHECK(worker.heard_at() == 0);
  CHECK(run_to(worker, 23 * k_min, computing(3)).state == WorkerState::zombie);
}

TEST_CASE("on another host and adopted: one heartbeat_timeout of grace") {
  Liveness worker(WorkerTrace::remote, {}, 0, 0);
  worker.adopted(100 * k_min, 0);
  CHECK(run_to(worker, 103 * k_min - 1, {}, 100 * k_min).state == WorkerState::starting);
  CHECK(run_to(worker, 103 * k_min, {}).state == WorkerState::zombie);
}

TEST_CASE("a look that is owed stays owed") {
  Liveness worker = local();
  CHECK(worker.judge(10 * k_min).look);
  CHECK(worker.deadline() == 3 * k_min);
  CHECK(worker.judge(60 * k_min).look);
  CHECK_FALSE(is_final(worker.judge(60 * k_min).state));  // no verdict without a look
}

TEST_CASE("zombie_after may be shorter than heartbeat_timeout") {
  LivenessLimits limits;
  limits.zombie_after = 2 * k_s;
  Liveness worker(WorkerTrace::local, limits, 0, 0);
  CHECK(worker.deadline() == 2 * k_s);
  CHECK(run_to(worker, 4 * k_s - 1, computing(1)).state == WorkerState::starting);
  CHECK(run_to(worker, 4 * k_s, computing(1)).state == WorkerState::zombie);
}

}  // namespace baton::core
