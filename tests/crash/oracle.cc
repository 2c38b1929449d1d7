#include "crash/oracle.h"

#include <doctest/doctest.h>

#include <filesystem>

namespace baton::test {

void Master::look(const std::string& master) {
  const std::string folder = "masters/" + master + "/handoffs";
  for (const std::string& name : box_.list(folder)) {
    if (!name.starts_with("to-")) continue;
    const json handoff = box_.document(folder + "/" + name);
    std::error_code lost;
    std::filesystem::rename(box_.path(folder + "/" + name), box_.path(folder + "/claimed/" + name), lost);
    if (lost) continue;
    REQUIRE_MESSAGE(handoff.is_object(), name);
    const std::string subtask_id = handoff["subtask_id"];
    REQUIRE_MESSAGE(given_.insert(subtask_id).second, "handed out twice: " << subtask_id);
    box_.complete(master, subtask_id, "did " + subtask_id);
  }
}

namespace {
json queue_of(const Sandbox& box) {
  const json queue = box.document("task-queue.json");
  return queue.is_object() ? queue.at("tasks") : json::array();
}
}  // namespace

json outcome(const Sandbox& box) {
  json world;
  for (const std::string& name : box.list("orchestrator/tasks")) {
    if (!name.starts_with("orch-")) continue;
    const json plan = box.document("orchestrator/tasks/" + name);
    json& task = world["plans"][name];
    task["status"] = plan["status"];
    task["stages"] = plan["execution_plan"];
    for (const json& subtask : plan["subtasks"])
      task["subtasks"].push_back(
          {subtask["subtask_id"], subtask["status"], subtask["attempt"], subtask["epoch"], subtask["result"]["summary"]});
  }
  for (const json& entry : box.feed()) {
    const std::string type = entry["type"];
    // A claim that was seen only together with its result is not told of by itself.
    if (type.starts_with("daemon_") || type == "subtask_claimed") continue;
    const std::string key = type + " " + entry.value("task_id", "") + " " + entry.value("subtask_id", "");
    json& count = world["feed"][key];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  for (const char* folder :
       {"task-queue.d", "task-queue.d/accepted", "task-queue.d/rejected", "orchestrator/reports", "orchestrator/subtasks",
        "masters/development/handoffs", "masters/development/handoffs/claimed", "masters/development/handoffs/done",
        "masters/security/handoffs/done", "masters/development/handoffs/stale"})
    world["folders"][folder] = box.list(folder);
  const json queue = queue_of(box);
  for (const json& entry : queue) world["queue"][entry["id"].get<std::string>()] = entry["status"];
  return world;
}

void settle(Sandbox& box) {
  box.require_eventually("the queue file says so", [&] {
    const json queue = queue_of(box);
    for (const json& entry : queue)
      if (entry.value("status", "") != "completed") return false;
    return true;
  });
  box.require_eventually("plans are final", [&] {
    for (const std::string& name : box.list("orchestrator/tasks"))
      if (name.starts_with("orch-") && box.document("orchestrator/tasks/" + name)["status"] != "completed") return false;
    return true;
  });
  CHECK(box.stop() == 0);
  box.check_seq();
}

}  // namespace baton::test
