#include "core/scheduler.h"

#include <doctest/doctest.h>

#include <deque>
#include <vector>

#include "core/file_claims.h"
#include "core/plan_progress.h"

namespace baton::core {
namespace {

constexpr std::int64_t k_minute = 60'000;

/// Subtasks at stable addresses, and a scheduler that has them in its queues.
struct Bench {
  Catalogue catalogue;
  Scheduler scheduler;
  std::deque<Subtask> subtasks;

  explicit Bench(FileConflicts rule = FileConflicts::all) : scheduler(rule) {
    for (const char* master : {"development", "security"}) catalogue.masters[master] = {master, "", {}, {}, 0};
    configure();
  }
  void configure() { scheduler.configure(catalogue); }

  Subtask& add(const std::string& id, std::vector<std::string> files = {}, const std::string& master = "development",
               std::int64_t ready_at = 0, Priority priority = Priority::medium) {
    Subtask& subtask = subtasks.emplace_back();
    subtask.spec.id = id;
    subtask.task_id = id.substr(0, id.find('.'));
    subtask.spec.assigned_to = master;
    subtask.spec.files_affected = std::move(files);
    subtask.ready_at = ready_at;
    scheduler.enqueue(subtask, priority);
    return subtask;
  }
  /// Everything that may start now.
  std::string start() {
    std::string ids;
    while (const Subtask* subtask = scheduler.next()) ids += (ids.empty() ? "" : " ") + subtask->spec.id;
    return ids;
  }
};

}  // namespace

TEST_CASE("urgency: a constant per priority") {
  CHECK(urgency(Priority::critical, 7) == 7);
  CHECK(urgency(Priority::high, 7) == 7 + 5 * k_minute);
  CHECK(urgency(Priority::medium, 7) == 7 + 20 * k_minute);
  CHECK(urgency(Priority::low, 7) == 7 + 60 * k_minute);
}

TEST_CASE("the most urgent goes first; equals go by id") {
  Bench bench;
  bench.catalogue.settings.max_active_subtasks = 1;
  bench.configure();
  bench.add("b");
  bench.add("a");
  bench.add("low", {}, "security", 0, Priority::low);
  bench.add("critical", {}, "security", 60 * k_minute - 1, Priority::critical);
  bench.add("too-late", {}, "security", 60 * k_minute + 1, Priority::critical);
  std::string order;
  while (const Subtask* subtask = bench.scheduler.next()) {
    order += subtask->spec.id + " ";
    bench.scheduler.release(*subtask);
  }
  CHECK(order == "a b critical low too-late ");
}

TEST_CASE("limits at the bound and one past it") {
  Bench bench;
  bench.catalogue.settings.max_active_subtasks = 3;
  bench.catalogue.masters["development"].max_active = 2;
  bench.configure();
  for (const char* id : {"a", "b", "c"}) bench.add(id);
  for (const char* id : {"x", "y"}) bench.add(id, {}, "security");
  CHECK(bench.start() == "a b x");
  CHECK(bench.scheduler.active() == 3);
  CHECK(bench.scheduler.active_of("development") == 2);
  CHECK(bench.scheduler.active_of("nobody") == 0);
  CHECK(bench.scheduler.obstacle(bench.subtasks[2])->reason == "master_limit");
  CHECK(bench.scheduler.obstacle(bench.subtasks[4])->reason == "limit");
  bench.scheduler.release(bench.subtasks[3]);
  CHECK(bench.start() == "y");
  bench.scheduler.release(bench.subtasks[0]);
  CHECK(bench.start() == "c");
}

TEST_CASE("a queue without its master waits for it") {
  Bench bench;
  const Subtask& lost = bench.add("a", {}, "inventory");
  CHECK(bench.start().empty());
  CHECK(bench.scheduler.obstacle(lost)->reason == "no_master");
  CHECK_FALSE(bench.scheduler.has_master("inventory"));
  bench.catalogue.masters["inventory"] = {"inventory", "", {}, {}, 0};
  bench.configure();
  CHECK_FALSE(bench.scheduler.obstacle(lost).has_value());
  CHECK(bench.start() == "a");
}

TEST_CASE("paths that overlap: same, folder above, folder below, the workspace; a common prefix does not") {
  struct Row {
    std::string held;
    std::string wanted;
    bool overlaps;
  };
  for (const Row& row : std::vector<Row>{{"src/a.js", "src/a.js", true},
                                         {"src", "src/a.js", true},
                                         {"src/deep/a.js", "src", true},
                                         {".", "x", true},
                                         {"x", "", true},
                                         {"src", "srcs/a.js", false},
                                         {"src/a", "src/a.js", false},
                                         {"src/a.js", "src/b.js", false}}) {
    CAPTURE(row.held);
    CAPTURE(row.wanted);
    Bench bench;
    bench.add("1", {row.held, row.held});  // named twice is no conflict with itself
    bench.add("2", {"free/file", row.wanted});
    CHECK(bench.start() == (row.overlaps ? "1" : "1 2"));
    bench.scheduler.release(bench.subtasks[0]);
    CHECK(bench.start() == (row.overlaps ? "2" : ""));
  }
}

TEST_CASE("file_conflicts: plan looks inside one task, off nowhere") {
  for (const auto& [rule, started] : std::vector<std::pair<FileConflicts, std::string>>{
           {FileConflicts::all, "t1.a"}, {FileConflicts::plan, "t1.a t2.a"}, {FileConflicts::off, "t1.a t1.b t2.a t2.b"}}) {
    Bench bench(rule);
    for (const char* id : {"t1.a", "t1.b", "t2.a", "t2.b"}) bench.add(id, {"f"});
    CHECK(bench.start() == started);
  }
}

TEST_CASE("a file goes to the most urgent of those that want it, whatever else that one waits for") {
  Bench bench;
  bench.add("holder", {"f"}, "development", 0);
  bench.add("other", {"g"}, "development", 1);
  bench.add("both", {"f", "g"}, "development", 2);
  const Subtask& only_f = bench.add("only-f", {"f"}, "development", 3);
  const Subtask& secure = bench.add("secure", {"f"}, "security", 4);
  CHECK(bench.start() == "holder other");
  bench.scheduler.release(bench.subtasks[0]);
  CHECK(bench.start().empty());  // f is free, but "both" is next
  CHECK(bench.scheduler.obstacle(only_f)->subject == "both");
  CHECK(bench.scheduler.obstacle(secure)->subject == "only-f");
  bench.scheduler.release(bench.subtasks[1]);
  CHECK(bench.start() == "both");
  bench.scheduler.release(bench.subtasks[2]);
  CHECK(bench.start() == "only-f");
  bench.scheduler.release(bench.subtasks[3]);
  CHECK(bench.start() == "secure");
}

TEST_CASE("work on a whole folder is not starved by small files that come later and are less urgent") {
  Bench bench;
  bench.add("b1", {"src/1.c"}, "development", 0, Priority::low);
  CHECK(bench.start() == "b1");
  const Subtask& whole = bench.add("whole", {"src"}, "security", 1, Priority::critical);
  std::deque<Subtask*> small;
  for (const char* id : {"b2", "b3", "b4", "b5", "b6"})
    small.push_back(&bench.add(id, {std::string("src/") + id}, "development", 2, Priority::low));
  Subtask& elsewhere = bench.add("elsewhere", {"docs/b7"}, "development", 2, Priority::low);
  CHECK(bench.start() == "elsewhere");
  CHECK(bench.scheduler.obstacle(whole)->subject == "b1");
  for (const Subtask* each : small) {
    CHECK(bench.scheduler.obstacle(*each)->reason == "file");
    CHECK(bench.scheduler.obstacle(*each)->subject == "whole");
  }
  bench.scheduler.release(elsewhere);
  bench.scheduler.release(bench.subtasks[0]);
  CHECK(bench.start() == "whole");
  bench.scheduler.release(whole);
  CHECK(bench.start() == "b2 b3 b4 b5 b6");
}

TEST_CASE("something more urgent passes those that have waited longer, and they say so") {
  Bench bench;
  bench.catalogue.masters["security"].max_active = 1;
  bench.configure();
  bench.add("busy", {}, "security", 0);
  CHECK(bench.start() == "busy");
  const Subtask& first = bench.add("first", {"lib/a", "lib/b"}, "security", 1);
  CHECK(bench.scheduler.obstacle(first)->reason == "master_limit");
  const Subtask& urgent = bench.add("urgent", {"lib"}, "security", 0);
  CHECK(bench.scheduler.obstacle(first)->subject == "urgent");
  CHECK(bench.scheduler.obstacle(urgent)->reason == "master_limit");
  const Subtask& later = bench.add("later", {"lib/b/x"}, "development", 2);
  CHECK(bench.start().empty());  // its file is free, but two come before it
  CHECK(bench.scheduler.obstacle(later)->subject == "first");
  bench.scheduler.withdraw(urgent);
  CHECK(bench.scheduler.obstacle(first)->reason == "master_limit");
  bench.scheduler.withdraw(first);
  CHECK(bench.start() == "later");
}

TEST_CASE("work without a master holds up nobody; with one again it takes its turn") {
  Bench bench;
  Subtask& holder = bench.add("holder", {"f"}, "development", 0);
  CHECK(bench.start() == "holder");
  const Subtask& first = bench.add("first", {"f"}, "security", 1);
  const Subtask& second = bench.add("second", {"f/x"}, "security", 2);
  const Subtask& third = bench.add("third", {"f"}, "development", 3);
  CHECK(bench.scheduler.obstacle(third)->subject == "second");
  bench.catalogue.masters.erase("security");
  bench.configure();
  CHECK(bench.scheduler.obstacle(first)->reason == "no_master");
  CHECK(bench.scheduler.obstacle(second)->reason == "no_master");
  CHECK(bench.scheduler.obstacle(third)->subject == "holder");
  bench.catalogue.masters["security"] = {"security", "", {}, {}, 0};
  bench.configure();
  CHECK(bench.scheduler.obstacle(first)->subject == "holder");
  CHECK(bench.scheduler.obstacle(second)->subject == "first");
  CHECK(bench.scheduler.obstacle(third)->subject == "holder");  // still true
  bench.scheduler.release(holder);
  CHECK(bench.scheduler.obstacle(third)->subject == "second");
  CHECK(bench.start() == "first");
  bench.catalogue.masters.erase("security");
  bench.configure();
  bench.scheduler.release(first);
  CHECK(bench.start() == "third");
}

TEST_CASE("those whose obstacle changes are named, and nobody else") {
  Bench bench;
  bench.catalogue.masters["development"].max_active = 2;
  bench.configure();
  using Tasks = std::set<std::string>;
  const auto settle = [&bench] {
    bench.start();
    return bench.scheduler.take_changed();
  };
  Subtask& fa = bench.add("fa", {"x.c"}, "security", 0);
  bench.add("fb", {"x.c"}, "security", 1, Priority::low);
  Subtask& fc = bench.add("fc", {"x.c"}, "security", 2);
  CHECK(settle() == Tasks{"fa", "fb", "fc"});
  CHECK(settle().empty());
  CHECK(bench.scheduler.obstacle(bench.subtasks[1])->subject == "fa");
  Subtask& d1 = bench.add("d1");
  Subtask& d2 = bench.add("d2");
  CHECK(settle() == Tasks{"d1", "d2"});
  bench.add("d3");
  bench.add("d4");
  CHECK(settle() == Tasks{"d3", "d4"});
  bench.scheduler.release(d1);
  CHECK(settle().empty());  // d3 goes, d4 still waits for its master
  bench.scheduler.release(fa);
  CHECK(settle() == Tasks{"fb", "fc"});
  CHECK(bench.scheduler.obstacle(bench.subtasks[1])->subject == "fc");
  bench.scheduler.withdraw(bench.subtasks[1]);
  bench.scheduler.release(fc);
  CHECK(settle().empty());
  bench.catalogue.masters["development"].max_active = 1;
  bench.catalogue.settings.max_active_subtasks = 1;
  bench.configure();
  CHECK(settle().empty());
  bench.catalogue.masters["development"].max_active = 0;
  bench.configure();
  CHECK(settle() == Tasks{"d4"});
  CHECK(bench.scheduler.obstacle(bench.subtasks[6])->reason == "limit");
  bench.scheduler.release(d2);
}

TEST_CASE("who is withdrawn, asleep or awake, does not hold up those behind it") {
  Bench bench;
  bench.catalogue.masters["development"].max_active = 1;
  bench.configure();
  Subtask& holder = bench.add("holder", {"f"}, "security", 0);
  Subtask& first = bench.add("first", {"f"}, "development", 1);
  Subtask& second = bench.add("second", {"f"}, "development", 2);
  bench.add("third", {"f"}, "development", 3);
  CHECK(bench.start() == "holder");
  bench.scheduler.withdraw(second);
  bench.scheduler.withdraw(second);  // harmless
  bench.scheduler.release(holder);   // wakes "first"
  CHECK(bench.scheduler.is_queued(first));
  bench.scheduler.withdraw(first);
  CHECK_FALSE(bench.scheduler.is_queued(first));
  CHECK(bench.start() == "third");
}

/// All take their turn, one after the other; how often one was woken or parked, which is how often one was looked at.
std::size_t looks_until_done(const std::vector<Candidate>& all) {
  FileClaims claims;
  std::size_t looks = 0;
  std::deque<Candidate> awake;
  const auto note = [&](const FileClaims::Moved& moved) {
    looks += moved.awake.size() + moved.parked.size();
    for (const Candidate& each : moved.awake) awake.push_back(each);
  };
  for (const Candidate& each : all) note(claims.want(each));
  std::size_t done = 0;
  for (; !awake.empty(); awake.pop_front()) {
    if (claims.blocker(*awake.front().subtask) != nullptr) continue;  // somebody more urgent came since it was woken
    claims.take(awake.front());
    ++done;
    note(claims.give_back(*awake.front().subtask));
  }
  CHECK(done == all.size());
  return looks;
}

Subtask writer(const std::string& id, const std::string& path) {
  Subtask subtask;
  subtask.spec.id = subtask.task_id = id;
  subtask.spec.files_affected = {path};
  return subtask;
}

TEST_CASE("ten thousand that want one file cost two looks each") {
  constexpr std::size_t k_count = 10'000;
  std::deque<Subtask> subtasks;
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < k_count; ++i)
    all.push_back({static_cast<std::int64_t>(i), &subtasks.emplace_back(writer("t" + std::to_string(i), "package.json"))});
  CHECK(looks_until_done(all) < 2 * k_count);  // fifty million, if all who wait were looked at each time
}

TEST_CASE("whole folders among thousands of files cost a few looks each") {
  constexpr std::size_t k_count = 5'000;
  std::deque<Subtask> subtasks;
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < k_count; ++i) {
    const auto key = static_cast<std::int64_t>(2 * i);
    all.push_back({key, &subtasks.emplace_back(writer("file" + std::to_string(i), "src/deep/" + std::to_string(i) + ".c"))});
    all.push_back({key + 1, &subtasks.emplace_back(writer("folder" + std::to_string(i), "src"))});
  }
  CHECK(looks_until_done(all) < 6 * k_count);  // each against all below it: twenty-five million
}

TEST_CASE("progress of a plan: modes, conflicts, skips in any order") {
  Task task;
  const auto add = [&task](const std::string& id, int stage, int order, std::vector<std::string> after) {
    Subtask subtask;
    subtask.spec.id = id;
    subtask.spec.dependencies = std::move(after);
    subtask.stage = stage;
    subtask.order = order;
    task.subtasks.push_back(subtask);
  };
  add("a", 1, 1, {});
  add("b", 1, 2, {});
  add("c", 2, 1, {"a"});
  add("d", 3, 1, {"c", "b"});
  task.conflicts = {{"f", {"a", "b"}}};
  using Indices = std::vector<int>;
  const auto settle = [&task](PlanProgress& progress, int index) {
    task.subtasks[static_cast<std::size_t>(index)].status = SubtaskStatus::completed;
    return progress.settle(task, index);
  };
  const auto reset = [&task](ExecutionMode mode) {
    for (Subtask& subtask : task.subtasks) subtask.status = SubtaskStatus::pending;
    task.spec.mode = mode;
    return PlanProgress(task, true);
  };

  PlanProgress staged = reset(ExecutionMode::staged);
  CHECK(staged.open(task) == Indices{0});
  CHECK(settle(staged, 0) == Indices{1});
  CHECK(staged.stage() == 1);
  CHECK(settle(staged, 2).empty());  // skipped before its turn
  CHECK(settle(staged, 1) == Indices{3});
  CHECK(staged.stage() == 3);
  CHECK(settle(staged, 3).empty());
  CHECK(staged.all_settled());
  CHECK(staged.current() == -1);

  PlanProgress eager = reset(ExecutionMode::eager);
  CHECK(settle(eager, 0) == Indices{1, 2});
  CHECK(settle(eager, 2).empty());
  CHECK(settle(eager, 1) == Indices{3});

  PlanProgress sequential = reset(ExecutionMode::sequential);
  CHECK(sequential.open(task) == Indices{0});
  CHECK(settle(sequential, 1).empty());
  CHECK(settle(sequential, 0) == Indices{2});
  CHECK(sequential.current() == 2);

  CHECK(PlanProgress(task, false).open(task) == Indices{2});
  task.spec.mode = ExecutionMode::staged;
  for (Subtask& subtask : task.subtasks) subtask.status = SubtaskStatus::pending;
  CHECK(PlanProgress(task, false).open(task) == Indices{0, 1});
}

}  // namespace baton::core
