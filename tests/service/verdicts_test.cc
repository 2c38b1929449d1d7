// The verdict on a worker goes with its spec, wherever a crash falls, and nothing that the worker wrote is lost.
#include <doctest/doctest.h>
#include <fstream>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

const std::string k_active = "worker-specs/active/";
const std::string k_failed = "worker-specs/failed/";
const std::string k_spec = "{\n  \"worker_id\": \"w\",\n  \"subtask_id\": \"t-1\",\n  \"failure_reason\": \"none\"\n}\n";

core::WorkerVerdict gone() {
  core::WorkerVerdict verdict;
  verdict.state = core::WorkerState::gone;
  verdict.reason = "exited";
  verdict.evidence = {"its process 4711 has exited, and no result came within 5 s"};
  return verdict;
}

/// Task t-1, worked on by w.
void work(Run& run) {
  run.task("t-1");
  run.workshop.drop(k_active + "w.json", k_spec);
  run.workshop.put(k_active + "w.heartbeat", "");
  run.intake.look_again(k_active + "w.json");
  run.take();
  REQUIRE(run.core.subtask("t-1")->worker_id == "w");
}

void retire(Run& run) {
  static_cast<void>(run.turn([](service::Turn& turn) {
    turn.changes.effects.emplace_back(core::RetireWorker{"w", "failed", gone()});
  }));
}

void look(Run& run) {
  for (const char* folder : {"worker-specs/active", "worker-specs/failed"})
    for (const std::string& name : run.workshop.list(folder)) run.intake.look_again(std::string(folder) + "/" + name);
  run.take();
}

/// The spec with its verdict, and every byte before it as its worker wrote it.
void check_carried(const Workshop& workshop, const std::string& spec = k_spec) {
  const std::string bytes = workshop.get(k_failed + "w.json");
  const std::string kept = spec.substr(0, spec.rfind('\n', spec.rfind('}')));
  CHECK(bytes.starts_with(kept + ",\n  \"verdict\": {"));
  json document = json::parse(bytes);
  CHECK(document["verdict"]["state"] == "gone");
  CHECK(document["verdict"]["reason"] == "exited");
  CHECK(document["verdict"]["evidence"] == json(gone().evidence));
  CHECK(document["verdict"].contains("at"));
  document.erase("verdict");
  CHECK(document == json::parse(spec));
}

}  // namespace

TEST_CASE("a verdict goes with the spec, which is nobody's answer, wherever a crash falls") {
  const int stops = crash_everywhere(
      [](Workshop& workshop) {
        Run run(workshop);
        work(run);
      },
      [](Run& run) {
        retire(run);
        static_cast<void>(run.inputs.sync());
        static_cast<void>(run.tell(core::Tick{}));
      },
      [](Run& run) {
        for (const std::string& path : run.inputs.file()) run.intake.look_again(path);
        look(run);
        CHECK(run.inputs.sync().has_value());
        CHECK(run.core.subtask("t-1")->status == core::SubtaskStatus::in_progress);
        const Workshop& workshop = run.workshop;
        if (workshop.has(k_active + "w.json")) {  // the journal does not know of it
          CHECK(workshop.get(k_active + "w.json") == k_spec);
          CHECK(workshop.list(k_failed, true).empty());
          return;
        }
        check_carried(workshop);
        CHECK(workshop.list(k_failed, true) == std::vector<std::string>{"w.heartbeat", "w.json"});
      });
  CHECK(stops >= 14);
}

TEST_CASE("the spec with its verdict is safe on the disk before what the worker wrote is removed") {
  Workshop workshop;
  Run run(workshop);
  work(run);
  retire(run);
  check_carried(workshop);
  CHECK(workshop.list(k_failed, true).size() == 3);
  workshop.files.count_only([](Primitive primitive, const std::string&) { return primitive == Primitive::sync; });
  workshop.files.fail_all(Error{ErrorCode::io, "no", {}, {}});
  CHECK_FALSE(run.inputs.sync().has_value());
  CHECK(workshop.list(k_failed, true).size() == 3);
  CHECK(run.inputs.next_sync().has_value());
  workshop.files.clear();
  run.world.now.boot_ms += 60'000;
  CHECK(run.inputs.sync().has_value());
  CHECK(workshop.list(k_failed, true) == std::vector<std::string>{"w.heartbeat", "w.json"});
}

TEST_CASE("what a worker still writes into the spec that is being filed comes back to active/") {
  Workshop workshop;
  Run run(workshop);
  work(run);
  std::ofstream writer(workshop.folder / (k_active + "w.json"), std::ios::app);  // it holds the file open
  SUBCASE("before it is read") {
    workshop.files.count_only([](Primitive primitive, const std::string& path) {
      return primitive == Primitive::rename && path == k_active + "w.json";
    });
    workshop.files.restart_count();
    workshop.files.after(1, [&] { writer << "more" << std::flush; });
    retire(run);
    CHECK_FALSE(workshop.has(k_failed + "w.json"));
  }
  SUBCASE("after it was written anew") {
    retire(run);
    writer << "more" << std::flush;
    CHECK(run.inputs.sync().has_value());
    check_carried(workshop);
  }
  CHECK(workshop.get(k_active + "w.json") == k_spec + "more");
  CHECK(workshop.list(k_failed, true).size() == (workshop.has(k_failed + "w.json") ? 2 : 1));
}

TEST_CASE("a spec that cannot carry a verdict stays as it is, and the verdict lies beside it") {
  for (const std::string& spec :
       {std::string("{\"worker_id\": \"w\""), std::string(R"({"verdict": "pass"})"), std::string("[]")}) {
    CAPTURE(spec);
    Workshop workshop;
    Run run(workshop);
    work(run);
    workshop.drop(k_active + "w.json", spec);
    retire(run);
    CHECK(workshop.get(k_failed + "w.json") == spec);
    const json document = workshop.document(k_failed + "w.verdict.json");
    CHECK(document["worker_id"] == "w");
    CHECK(document["verdict"]["reason"] == "exited");
    CHECK(workshop.list(k_failed, true).size() == 3);
    look(run);  // nobody's answer
    CHECK(run.core.subtask("t-1")->status == core::SubtaskStatus::in_progress);
  }
}

TEST_CASE("a worker without a spec has its verdict beside its heartbeat; a name that is taken is never written over") {
  Workshop workshop;
  Run run(workshop);
  work(run);
  workshop.remove(k_active + "w.json");
  workshop.put(k_failed + "w.verdict.json", "of somebody else");
  retire(run);
  CHECK(workshop.list(k_failed) == std::vector<std::string>{"w.heartbeat", "w.verdict.json", "w.verdict.json.1"});
  CHECK(workshop.get(k_failed + "w.verdict.json") == "of somebody else");
  CHECK(workshop.document(k_failed + "w.verdict.json.1")["verdict"]["state"] == "gone");
}

TEST_CASE("a spec whose name is taken is filed with its verdict under the next one") {
  Workshop workshop;
  Run run(workshop);
  work(run);
  workshop.put(k_failed + "w.json", "older");
  retire(run);
  CHECK(workshop.get(k_failed + "w.json") == "older");
  CHECK(workshop.document(k_failed + "w.json.1")["verdict"]["state"] == "gone");
}
