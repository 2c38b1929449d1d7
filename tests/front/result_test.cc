// baton heartbeat, complete and fail: the documents that they write and what they refuse.
#include "front/views.h"
#include "front_fixture.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::front;

namespace {

const std::string k_result = "masters/development/handoffs/from-development-subtask-auth-002-backend.json";

void claimed(const Coordination& coordination, const std::string& subtask, int epoch) {
  write_handoff(coordination, "development", subtask, "high", "2025-11-05T18:00:00Z", epoch);
  REQUIRE(coordination.run({"claim", "--master", "development"}).code == 0);
}

void record(const Coordination& coordination, const std::string& status) {
  coordination.write(
      "orchestrator/subtasks/auth-002-backend.json",
      R"({"subtask_id":"auth-002-backend","parent_task_id":"auth","assigned_to":"development","epoch":2,"attempt":1,"status":")" +
          status + "\"}");
}

}  // namespace

TEST_CASE("a result carries the epoch of the claimed handoff") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 4);
  const Ran ran = coordination.run({"complete", "auth-002-backend", "--summary", "Routes", "--artifact", "docs/a.md",
                                    "--artifact", "docs/b.md", "--file", "server/auth.js", "--tokens", "4200"});
  REQUIRE(ran.code == 0);
  CHECK(ran.out == "auth-002-backend: the result is written\n");
  CHECK(contains(ran.err, "no daemon is running"));
  const auto result = protocol::read_result(coordination.read(k_result));
  REQUIRE(result.has_value());
  CHECK(result->subtask_id == "auth-002-backend");
  CHECK(result->epoch == 4);
  CHECK(result->completed);
  CHECK(result->outcome.summary == "Routes");
  CHECK(result->outcome.artifacts == std::vector<std::string>{"docs/a.md", "docs/b.md"});
  CHECK(result->outcome.files_modified == std::vector<std::string>{"server/auth.js"});
  CHECK(result->outcome.tokens_used == 4200);
}

TEST_CASE("a failure says why and of which class") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 1);
  REQUIRE(coordination.run({"fail", "auth-002-backend", "--error", "no such database", "--class", "permanent"}).code == 0);
  const auto result = protocol::read_result(coordination.read(k_result));
  REQUIRE(result.has_value());
  CHECK(!result->completed);
  CHECK(result->error == "no such database");
  CHECK(result->failure_class == core::FailureClass::permanent);
}

TEST_CASE("fail needs an error and a known class") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 1);
  CHECK(contains(coordination.run({"fail", "auth-002-backend"}).err, "--error is missing"));
  const Ran ran = coordination.run({"fail", "auth-002-backend", "--error", "x", "--class", "permanant"});
  CHECK(ran.code == 2);
  CHECK(contains(ran.err, "unknown class \"permanant\" (did you mean \"permanent\"?)"));
  CHECK(!coordination.exists(k_result));
}

TEST_CASE("a short id names the only subtask that it can mean") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 1);
  claimed(coordination, "auth-003-frontend", 1);
  const Ran several = coordination.run({"complete", "auth"});
  CHECK(several.code == 5);
  CHECK(contains(several.err, "\"auth\" names 2 subtasks: auth-002-backend, auth-003-frontend"));
  CHECK(coordination.run({"complete", "auth-002"}).code == 0);
  CHECK(coordination.exists(k_result));
}

TEST_CASE("an answer that lies there is not overwritten") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 1);
  REQUIRE(coordination.run({"complete", "auth-002-backend", "--summary", "first"}).code == 0);
  const Ran again = coordination.run({"complete", "auth-002-backend", "--summary", "second"});
  CHECK(again.code == 5);
  CHECK(contains(again.err, "an answer for auth-002-backend lies there already"));
  CHECK(contains(coordination.read(k_result), "first"));
  CHECK(coordination.names("masters/development/handoffs").size() == 4);  // nothing hidden is left behind
}

TEST_CASE("without a handoff the subtask's record decides") {
  const Coordination coordination;
  CHECK(coordination.run({"complete", "auth-002-backend"}).code == 3);
  record(coordination, "pending");
  CHECK(contains(coordination.run({"complete", "auth-002-backend"}).err, "it has not been handed out"));
  record(coordination, "completed");
  const Ran ended = coordination.run({"complete", "auth-002-backend"});
  CHECK(ended.code == 5);
  CHECK(contains(ended.err, "has ended already: it is completed"));
  record(coordination, "in_progress");
  CHECK(coordination.run({"complete", "auth-002-backend"}).code == 0);
  CHECK(protocol::read_result(coordination.read(k_result))->epoch == 2);
  CHECK(coordination.run({"complete", "../x"}).code == 2);
}

TEST_CASE("with a daemon: filed, or stale with the reason") {
  const Coordination coordination;
  claimed(coordination, "auth-002-backend", 1);
  const auto file_into = [&](const std::string& where) {
    return [&coordination, where] {
      if (!coordination.exists(k_result)) return false;
      if (where == "stale")
        coordination.write("masters/development/handoffs/stale/from-development-subtask-auth-002-backend.json.error.json",
                           R"({"schema_version":1,"code":"refused","message":"epoch 1 has ended"})");
      std::filesystem::rename(coordination.at(k_result), coordination.at("masters/development/handoffs/" + where +
                                                                         "/from-development-subtask-auth-002-backend.json"));
      return true;
    };
  };
  {
    const PlayedDaemon daemon(coordination, file_into("done"));
    const Ran ran = coordination.run({"complete", "auth-002-backend"});
    CHECK(ran.code == 0);
    CHECK(ran.out == "auth-002-backend: the daemon has taken the result\n");
  }
  const PlayedDaemon daemon(coordination, file_into("stale"));
  const Ran ran = coordination.run({"complete", "auth-002-backend"});
  CHECK(ran.code == 5);
  CHECK(contains(ran.err, "the result does not count: epoch 1 has ended"));
}

TEST_CASE("heartbeats") {
  const Coordination coordination;
  const Ran unknown = coordination.run({"heartbeat", "dev-1"});
  CHECK(unknown.code == 3);
  CHECK(contains(unknown.err, "there is no worker dev-1"));
  CHECK(!coordination.exists("worker-specs/active/dev-1.heartbeat"));

  claimed(coordination, "auth-002-backend", 2);
  REQUIRE(coordination.run({"heartbeat", "dev-1", "--subtask", "auth-002"}).code == 0);
  CHECK(coordination.exists("worker-specs/active/dev-1.heartbeat"));
  REQUIRE(coordination.run({"heartbeat", "dev-1", "--progress", "40", "--step", "writing tests"}).code == 0);
  const auto spec = protocol::read_worker_spec(coordination.read("worker-specs/active/dev-1.json"));
  REQUIRE(spec.has_value());
  CHECK(spec->subtask_id == "auth-002-backend");
  CHECK(spec->epoch == 2);
  CHECK(spec->progress_percent == 40);
  CHECK(spec->current_step == "writing tests");

  REQUIRE(coordination.run({"heartbeat", "dev-1", "--pid", std::to_string(::getpid())}).code == 0);
  CHECK(protocol::read_worker_spec(coordination.read("worker-specs/active/dev-1.json"))->pid == ::getpid());
  REQUIRE(coordination.run({"heartbeat", "dev-1", "--pid", "0"}).code == 0);  // nothing new
  CHECK(protocol::read_worker_spec(coordination.read("worker-specs/active/dev-1.json"))->pid == ::getpid());
  CHECK(coordination.run({"heartbeat", "dev-1", "--pid", "4194304"}).code == 3);

  CHECK(coordination.run({"heartbeat", "dev-1", "--progress", "101"}).code == 2);
  CHECK(coordination.run({"heartbeat", "dev/1"}).code == 2);
}

TEST_CASE("a worker that has ended is told so") {
  const Coordination coordination;
  coordination.write("worker-specs/zombie/dev-1.json", "{}");
  const Ran ran = coordination.run({"heartbeat", "dev-1"});
  CHECK(ran.code == 5);
  CHECK(contains(ran.err, "worker dev-1 has ended: its spec lies in worker-specs/zombie"));
}

TEST_CASE("what a worker wrote into its spec stays") {
  const Coordination coordination;
  coordination.write("worker-specs/active/dev-1.json", R"({"worker_id":"dev-1","subtask_id":"x","pid":4711,"mine":[1,2]})");
  REQUIRE(coordination.run({"heartbeat", "dev-1", "--step", "s"}).code == 0);
  const std::string spec = coordination.read("worker-specs/active/dev-1.json");
  CHECK(contains(spec, "\"pid\": 4711"));
  CHECK(contains(spec, "\"mine\""));
}
