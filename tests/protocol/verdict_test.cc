// The verdict in a worker's own spec: one member more, nothing else touched.
#include "protocol/verdict.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

core::WorkerVerdict zombie() {
  core::WorkerVerdict verdict;
  verdict.state = core::WorkerState::zombie;
  verdict.reason = "no_progress";
  verdict.evidence = {"no heartbeat for 20 min", "CPU time of its process stood still at 1.2 s for 20 min"};
  return verdict;
}

const std::string k_document = write_verdict("w-1", zombie(), 1'762'365'600'000);
const std::string k_value = R"({"state":"zombie","reason":"no_progress","evidence":["no heartbeat for 20 min",)"
                            R"("CPU time of its process stood still at 1.2 s for 20 min"],"at":"2025-11-05T18:00:00Z"})";

}  // namespace

TEST_CASE("a verdict stands in a spec in its own layout, and no other byte is changed") {
  const std::vector<std::pair<std::string, std::string>> specs = {
      {R"({"pid": 1.0e3, "worker_id":"w"})", R"({"pid": 1.0e3, "worker_id":"w", "verdict":)" + k_value + "}"},
      {"{\n  \"worker_id\": \"w\",\n  \"n\": 1\n}\n",
       "{\n  \"worker_id\": \"w\",\n  \"n\": 1,\n  \"verdict\": " + k_value + "\n}\n"},
      {"{ }", "{\"verdict\": " + k_value + " }"},
      {"\xEF\xBB\xBF{\"a\": 1}\n", "\xEF\xBB\xBF{\"a\": 1,\"verdict\": " + k_value + "}\n"},
  };
  for (const auto& each : specs) {
    const std::string& spec = each.first;
    CAPTURE(spec);
    const auto made = with_verdict(spec, k_document);
    REQUIRE(made.has_value());
    CHECK(*made == each.second);
    CHECK(carries_verdict(*made, k_document));
    CHECK_FALSE(carries_verdict(spec, k_document));
  }
}

TEST_CASE("what cannot carry a verdict, or has one of its own, is left alone") {
  for (const char* spec : {"", "{\"worker_id\": \"w\"", "[1, 2]", "\"w\"", R"({"verdict": "pass"})", "```json\n{}\n```"}) {
    CAPTURE(spec);
    CHECK_FALSE(with_verdict(spec, k_document).has_value());
  }
}

TEST_CASE("the document for such a worker is a worker spec of which nothing follows") {
  const auto worker = read_worker_spec(k_document);
  REQUIRE(worker.has_value());
  CHECK(worker->worker_id == "w-1");
  CHECK(worker->subtask_id.empty());
  CHECK_FALSE(worker->has_result);
  CHECK(nlohmann::json::parse(k_document)["verdict"] == nlohmann::json::parse(k_value));
  CHECK(carries_verdict(k_document, k_document));
}

TEST_CASE("a spec with a verdict, whoever wrote it, is read like any other") {
  CHECK(read_worker_spec(R"({"worker_id": "w", "verdict": "pass"})").has_value());
  CHECK(read_worker_spec(*with_verdict(R"({"subtask_id": "a"})", k_document))->subtask_id == "a");
}
