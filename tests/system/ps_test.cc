// `baton ps` and the list that it reads, over the real program with real processes.
#include "system/agent.h"

using namespace baton::test;

namespace {

constexpr const char* k_list = "orchestrator/state/processes.json";

/// The agents by `baton ps`.
json ps(Sandbox& box) {
  const auto exit = box.run({"ps", "--json"});
  REQUIRE_MESSAGE(exit.code == 0, exit.error_output);
  return json::parse(exit.output)["data"]["processes"];
}

json listed(const Sandbox& box) {
  const json list = box.document(k_list);
  return list.is_object() ? list.value("processes", json()) : json();
}

bool shows(const json& rows, const std::string& state) { return rows.size() == 1 && rows[0].value("process_state", "") == state; }

}  // namespace

TEST_CASE("an agent is shown with its process while it lives, whatever becomes of it") {
  Sandbox box;
  hand_out(box, short_waits());
  CHECK(box.run({"ps"}).output.empty());
  box.require_eventually("an empty list", [&] { return listed(box) == json::array(); });
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_eventually("listed", [&] { return shows(listed(box), "sleeping"); });
  const json row = ps(box)[0];
  CHECK(row["worker_id"] == "w1");
  CHECK(row["subtask_id"] == "t");
  CHECK(row["master"] == "development");
  CHECK(row["pid"] == agent.pid());
  CHECK((row["state"] == "starting" || row["state"] == "working"));
  CHECK(row["process_state"] == "sleeping");
  CHECK(row["rss_bytes"] > 0);
  CHECK(row["cpu_percent"] == 0);
  CHECK(row.contains("elapsed_ms"));

  agent.stop();
  CHECK(shows(ps(box), "stopped"));
  box.require_eventually(
      "the list says it, too", [&] { return shows(listed(box), "stopped"); }, 120);
  agent.signal(SIGKILL);
  box.require_feed("worker_gone");
  box.require_eventually(
      "gone from the list", [&] { return listed(box) == json::array(); }, 120);
  CHECK(ps(box) == json::array());
}

TEST_CASE("a start shows who is at work, not who was; without a daemon the workers' files are asked") {
  Sandbox box;
  hand_out(box, short_waits());
  const Agent agent;
  put_spec(box, "w1", agent.pid());
  box.require_eventually("listed", [&] { return shows(listed(box), "sleeping"); });
  box.kill9();
  const auto alone = box.run({"ps"});
  CHECK(alone.code == 0);
  CHECK(alone.error_output.find("no daemon is running") != std::string::npos);
  CHECK(alone.output.find(std::to_string(agent.pid())) != std::string::npos);
  CHECK(shows(ps(box), "sleeping"));
  box.start();
  box.require_eventually("listed again", [&] { return shows(listed(box), "sleeping"); });
  box.complete("development", "t");
  box.require_eventually("answered", [&] { return listed(box) == json::array(); });
}

TEST_CASE("what somebody makes of the list is put back") {
  Sandbox box;
  hand_out(box, short_waits());
  box.require_eventually("a list", [&] { return listed(box) == json::array(); });
  box.put(k_list, "{}");
  box.require_feed("view_restored");
  box.require_eventually("put back", [&] { return listed(box) == json::array(); });
}
