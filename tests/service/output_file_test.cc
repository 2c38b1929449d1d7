// Where a worker's output may lie.
#include "service/output_file.h"

#include <doctest/doctest.h>
#include <filesystem>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

namespace fs = std::filesystem;

/// A workspace of its own, with the coordination folder in it.
struct Grounds {
  Grounds() : run(workshop) {
    run.world.workspace = workspace.path();
    run.world.root = workspace / "coordination";
    workspace.put("w.log", "12345");
    workspace.folder("trees/w/logs");
    workspace.put("trees/w/w.log", "1");
    workspace.put("trees/w/logs/deep.log", "12");
  }
  std::optional<std::int64_t> bytes(const std::string& path, const std::string& worktree = "trees/w") const {
    return service::output_bytes(run.world, worktree, path);
  }

  TempFolder workspace;
  TempFolder elsewhere;
  Workshop workshop;
  Run run;
};

}  // namespace

TEST_CASE("an output file is looked for in the worktree, then in the workspace") {
  const Grounds place;
  CHECK(place.bytes("w.log") == 1);
  CHECK(place.bytes("w.log", "") == 5);
  CHECK(place.bytes("logs/deep.log", place.workspace / "trees/w/") == 2);
  CHECK(place.bytes(place.workspace / "w.log") == 5);
  CHECK(place.bytes("./logs/../w.log") == 1);
  CHECK_FALSE(place.bytes("").has_value());
  CHECK_FALSE(place.bytes("none.log").has_value());
  CHECK_FALSE(place.bytes("logs").has_value());  // a folder
}

TEST_CASE("a worktree may lie elsewhere; an output file lies in it or in the workspace") {
  const Grounds place;
  place.elsewhere.put("x.log", "123");
  CHECK(place.bytes("x.log", place.elsewhere.path()) == 3);
  CHECK(place.bytes(place.elsewhere / "x.log", place.elsewhere.path()) == 3);
  CHECK_FALSE(place.bytes(place.elsewhere / "x.log").has_value());
  CHECK_FALSE(place.bytes("../" + fs::path(place.elsewhere.path()).filename().string() + "/x.log", "").has_value());
  CHECK_FALSE(place.bytes("/proc/self/status").has_value());
}

TEST_CASE("no symlink leads anywhere") {
  const Grounds place;
  place.elsewhere.put("x.log", "123");
  fs::create_symlink(place.elsewhere / "x.log", place.workspace / "out.log");
  fs::create_symlink(place.elsewhere.path(), place.workspace / "out");
  CHECK_FALSE(place.bytes("out.log").has_value());
  CHECK_FALSE(place.bytes("out/x.log").has_value());
}

TEST_CASE("what the daemon writes itself is nobody's output; a log beside it may be") {
  const Grounds place;
  place.workspace.folder("coordination/orchestrator/state");
  place.workspace.folder("coordination/worker-specs/active");
  place.workspace.put("coordination/dashboard-events.jsonl", "1");
  place.workspace.put("coordination/orchestrator/state/current.json", "1");
  place.workspace.put("coordination/worker-specs/active/w.log", "1234");
  CHECK_FALSE(place.bytes("coordination/dashboard-events.jsonl").has_value());
  CHECK_FALSE(place.bytes("coordination/orchestrator/state/current.json").has_value());
  CHECK_FALSE(place.bytes("trees/../coordination/dashboard-events.jsonl", "").has_value());
  CHECK(place.bytes("coordination/worker-specs/active/w.log") == 4);
}
