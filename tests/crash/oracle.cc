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
    const std::string given = handoff["subtask_id"].get<std::string>() + " epoch " + handoff["epoch"].dump();
    REQUIRE_MESSAGE(given_.insert(given).second, "handed out twice: " << given);
    answer(master, handoff);
  }
}

void Master::answer(const std::string& master, const json& handoff) {
  const std::string subtask_id = handoff["subtask_id"];
  if (master == "inventory") return answer_by_spec(handoff);
  if (subtask_id.starts_with("flaky") && handoff["epoch"] == 1)
    return box_.answer(master, subtask_id,
                       {{"status", "failed"}, {"epoch", 1}, {"error", "the mirror is down"}, {"failure_class", "permanent"}});
  box_.complete(master, subtask_id, "did " + subtask_id);
}

void Master::answer_by_spec(const json& handoff) {
  const std::string subtask_id = handoff["subtask_id"];
  const std::string name = "worker-of-" + subtask_id + ".json";
  json spec = {{"worker_id", "worker-of-" + subtask_id}, {"subtask_id", subtask_id}, {"epoch", handoff["epoch"]}};
  spec["status"] = "in_progress";
  box_.put("worker-specs/active/" + name, spec.dump(1));
  spec["status"] = "completed";
  spec["result"] = {{"summary", "did " + subtask_id}};
  box_.put("worker-specs/active/" + name, spec.dump(1));
  box_.move("worker-specs/active/" + name, "worker-specs/completed/" + name);
}

void Master::retry_blocked() {
  for (const std::string& name : box_.list("orchestrator/escalations")) {
    const std::string task_id = name.substr(0, name.find(".json"));
    if (!name.ends_with(".json") || !retried_.insert(task_id).second) continue;
    box_.put("orchestrator/commands/retry-" + task_id + ".json",
             json{{"command", "retry"}, {"task_id", task_id}, {"reason", "the mirror is back"}}.dump());
  }
}

namespace {

json queue_of(const Sandbox& box) {
  const json queue = box.document("task-queue.json");
  return queue.is_object() ? queue.at("tasks") : json::array();
}

/// What follows from when a thing happened, or from how much of it was seen.
bool is_moment(const std::string& key) {
  // Estimates learn from what had finished when a plan was made.
  const bool is_estimate = key == "eta" || key == "duration" || key == "duration_estimate" || key.ends_with("_minutes") ||
                           key == "estimated_remaining";
  return is_estimate || key.ends_with("_at") || key.ends_with("_ms") || key.ends_with("_ns") || key.ends_with("_seconds") ||
         key == "inode" || key == "claimed_how";
}

json without_moments(const json& document) {
  if (document.is_array()) {
    json list = json::array();
    for (const json& each : document)
      if (!each.is_string() || !each.get<std::string>().ends_with("finished subtasks of the kind took"))
        list.push_back(without_moments(each));
    return list;
  }
  if (!document.is_object()) return document;
  json object = json::object();
  for (const auto& [key, value] : document.items())
    if (!is_moment(key)) object[key] = without_moments(value);
  return object;
}

bool is_final(const json& status) { return status == "completed" || status == "cancelled" || status == "failed"; }

}  // namespace

json outcome(const Sandbox& box) {
  json world;
  for (const std::string& name : box.list("orchestrator/tasks")) {
    if (!name.starts_with("orch-")) continue;
    world["plans"][name] = without_moments(box.document("orchestrator/tasks/" + name));
  }
  for (const char* folder : {"orchestrator/subtasks", "orchestrator/reports", "orchestrator/commands/done"})
    for (const std::string& name : box.list(folder))
      if (name.ends_with(".json")) world[folder][name] = without_moments(box.document(std::string(folder) + "/" + name));
  for (const json& entry : box.feed()) {
    const std::string type = entry["type"];
    // A claim or a worker that was seen only together with its result is not told of by itself.
    if (type.starts_with("daemon_") || type == "subtask_claimed" || type == "subtask_started") continue;
    const std::string key = type + " " + entry.value("task_id", "") + " " + entry.value("subtask_id", "");
    json& count = world["feed"][key];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  for (const char* folder :
       {"task-queue.d", "task-queue.d/accepted", "task-queue.d/rejected", "orchestrator/reports", "orchestrator/subtasks",
        "orchestrator/commands", "orchestrator/escalations", "masters/development/handoffs",
        "masters/development/handoffs/claimed", "masters/development/handoffs/done", "masters/security/handoffs/done",
        "masters/development/handoffs/stale", "masters/inventory/handoffs", "masters/inventory/handoffs/claimed",
        "masters/inventory/handoffs/done", "worker-specs/active", "worker-specs/completed", "worker-specs/stale"})
    world["folders"][folder] = box.list(folder);
  const json queue = queue_of(box);
  for (const json& entry : queue) world["queue"][entry["id"].get<std::string>()] = without_moments(entry);
  return world;
}

void settle(Sandbox& box) {
  box.require_eventually("the queue file says so", [&] {
    const json queue = queue_of(box);
    for (const json& entry : queue)
      if (entry.value("owner", "") != "somebody else" && !is_final(entry["status"])) return false;
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
