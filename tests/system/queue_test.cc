// task-queue.json among writers that take no lock: nothing that the daemon has read is lost, and what is not ours keeps its
// bytes.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const std::string k_queue = "task-queue.json";

bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

json typo(const std::string& id) { return {{"id", id}, {"title", "Fix typo in " + id + ".md"}}; }

json entry(const Sandbox& box, const std::string& id) {
  const json queue = box.document(k_queue);
  const json tasks = queue.is_object() ? queue.value("tasks", json::array()) : queue;
  for (const json& each : tasks)
    if (each.value("id", "") == id) return each;
  return nullptr;
}

void require_entry(Sandbox& box, const std::string& id, const std::string& status) {
  box.require_eventually(id + " says " + status, [&] {
    const json found = entry(box, id);
    return found.is_object() && found.value("status", "") == status;
  });
}

/// Sets members of one entry, as an editor does: read, change, rename over.
void edit(Sandbox& box, const std::string& id, const json& members) {
  json queue = box.document(k_queue);
  for (json& each : queue["tasks"])
    if (each.value("id", "") == id) each.update(members);
  box.put(k_queue, queue.dump(2));
}

/// What is no regular file, in the place of the queue file.
void put_instead(Sandbox& box, fs::file_type type) {
  const std::string path = box.path(k_queue);
  if (type == fs::file_type::symlink) fs::create_symlink("elsewhere.json", path);
  if (type == fs::file_type::directory) fs::create_directory(path);
  if (type == fs::file_type::fifo) REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
}

void put_tasks(Sandbox& box, const json& tasks) { box.put(k_queue, json{{"tasks", tasks}}.dump(2)); }

}  // namespace

TEST_CASE("two writers without a lock, and the daemon: what was read is never lost") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  const std::string foreign = "{\"id\":\"old\",  \"status\": \"worker_spawned\",\t\"cost\": 1.500, \"title\": \"caf\\u00e9\"}";
  box.put(k_queue, "{\"tasks\": [\n" + foreign + "\n]}");
  box.start();
  constexpr int k_rounds = 25;
  // Each keeps what it read and adds one entry, by text, so that the other entries keep their bytes.
  const auto with_another = [](std::string text, const std::string& id) {
    const auto end = text.rfind(']');
    return end == std::string::npos ? std::string() : text.insert(end, ",\n" + typo(id).dump() + "\n");
  };
  const auto read_raw = [&box] {
    std::ifstream file(box.path(k_queue), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::thread renaming([&] {
    for (int i = 0; i < k_rounds; ++i) {
      const std::string text = with_another(read_raw(), "r" + std::to_string(i));
      if (text.empty() || json::parse(text, nullptr, false).is_discarded()) continue;
      std::ofstream(box.path(".renamed-in"), std::ios::trunc) << text;
      fs::rename(box.path(".renamed-in"), box.path(k_queue));
      std::this_thread::yield();
    }
  });
  std::thread truncating([&] {
    for (int i = 0; i < k_rounds; ++i) {
      const std::string text = with_another(read_raw(), "p" + std::to_string(i));
      if (text.empty() || json::parse(text, nullptr, false).is_discarded()) continue;
      std::ofstream file(box.path(k_queue), std::ios::trunc);
      file << text.substr(0, text.size() / 2) << std::flush;
      file << text.substr(text.size() / 2);
    }
  });
  renaming.join();
  truncating.join();
  put_tasks(box, [&] {  // the two may have left a file that mixes both of them: somebody mends it
    json queue = json::parse(box.read(k_queue), nullptr, false);
    json tasks = queue.is_object() ? queue["tasks"] : json::array();
    tasks.push_back(typo("last"));
    return tasks;
  }());
  require_entry(box, "last", "assigned");
  const auto received = box.feed("task_received");
  REQUIRE(received.size() >= 2);
  for (const json& each : received) {
    const std::string id = each["task_id"];
    require_entry(box, id, "assigned");
  }
  box.play([&] { return box.feed("orchestration_completed").size() == received.size(); });
  for (const json& each : received) require_entry(box, each["task_id"], "completed");
  box.require_eventually("no displaced file is left", [&] {
    for (const auto& file : fs::directory_iterator(box.root()))
      if (file.path().filename().string().starts_with(".task-queue.json.displaced")) return false;
    return true;
  });
  CHECK(box.stop() == 0);
  box.check_seq();
}

TEST_CASE("a writer that appends between our reading and our writing loses nothing; the bytes of others stand") {
  Sandbox box;
  const std::string foreign = "{\"id\":\"old\",  \"status\": \"worker_spawned\",\t\"cost\": 1.500, \"title\": \"caf\\u00e9\"}";
  box.put(k_queue, "{\"version\": \"1.0\", \"tasks\": [\n" + foreign + "\n], \"stats\": {\"a\":  1e3}}");
  box.start();
  for (int i = 0; i < 30; ++i) {
    std::string text = box.read(k_queue);
    text.insert(text.rfind("\n]"), ",\n  " + typo("n" + std::to_string(i)).dump());
    box.put(k_queue, text);
  }
  for (int i = 0; i < 30; ++i) box.require_handoff("development", "n" + std::to_string(i));
  for (int i = 0; i < 30; ++i) require_entry(box, "n" + std::to_string(i), "assigned");
  const std::string text = box.read(k_queue);
  CHECK(text.find(foreign) != std::string::npos);
  CHECK(text.find("\"stats\": {\"a\":  1e3}") != std::string::npos);
  CHECK(box.feed("task_received").size() == 30);
}

TEST_CASE("an unparsable queue is left and reported; work goes on; the mended file is taken") {
  Sandbox box;
  box.configure();
  put_tasks(box, json::array({typo("a")}));
  box.start();
  require_entry(box, "a", "assigned");
  const std::string broken = "{\"tasks\": [\n  {\"id\": \"b\", \"title\": }\n]}";
  box.put(k_queue, broken);
  box.require_feed("queue_rejected");
  box.require_eventually("the reason", [&] { return says(box.document(k_queue + ".error.json"), "\"line\":2"); });
  box.play([&] { return box.exists("orchestrator/reports/a.json"); });
  box.pass_by();
  CHECK(box.read(k_queue) == broken);
  put_tasks(box, json::array({typo("b")}));
  box.require_handoff("development", "b");
  box.require_eventually("the reason is gone", [&] { return !box.exists(k_queue + ".error.json"); });
  CHECK(box.feed("queue_rejected").size() == 1);
}

TEST_CASE("a single task as top level is refused and left; a bare array is a queue") {
  Sandbox box;
  box.configure();
  box.start();
  const std::string single = typo("a").dump();
  box.put(k_queue, single);
  box.require_feed("queue_rejected");
  CHECK(box.read(k_queue) == single);
  box.put(k_queue, json::array({typo("a"), typo("b")}).dump());
  box.require_handoff("development", "a");
  box.require_handoff("development", "b");
  require_entry(box, "b", "assigned");
  CHECK(box.document(k_queue).is_array());
}

TEST_CASE("a symlink, a folder or a pipe as queue file stops nothing, and stays until there is a file again") {
  for (const fs::file_type type : {fs::file_type::symlink, fs::file_type::directory, fs::file_type::fifo}) {
    CAPTURE(static_cast<int>(type));
    Sandbox box;
    box.configure();
    put_tasks(box, json::array({typo("a")}));
    box.start();
    require_entry(box, "a", "assigned");
    REQUIRE(::kill(box.pid(), SIGSTOP) == 0);  // in between it would make the file anew
    box.move(k_queue, "elsewhere.json");
    put_instead(box, type);
    REQUIRE(::kill(box.pid(), SIGCONT) == 0);
    box.require_feed("queue_rejected");
    box.require_eventually("the reason", [&] { return box.exists(k_queue + ".error.json"); });
    box.play([&] { return box.exists("orchestrator/reports/a.json"); });
    box.pass_by();
    CHECK(fs::symlink_status(box.path(k_queue)).type() == type);
    CHECK(says(box.document("elsewhere.json"), "assigned"));  // nothing went through the link
    fs::remove(box.path(k_queue));
    box.require_eventually("the reason is gone", [&] { return !box.exists(k_queue + ".error.json"); });
    box.pass_by();  // it has met that there is no file at all
    box.move("elsewhere.json", k_queue);
    require_entry(box, "a", "completed");
    CHECK(box.feed("queue_rejected").size() == 1);
    CHECK(box.stop() == 0);
  }
}

TEST_CASE("entries without id get one written back; equal ones are two tasks, also over a restart") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  const json nameless = {{"title", "Fix typo in README.md"}};
  put_tasks(box, json::array({nameless, nameless, json{{"title", "Fix typo in NEWS.md"}}}));
  box.start();
  const auto ids = [&box] {
    std::set<std::string> found;
    const json queue = box.document(k_queue);
    if (!queue.is_object()) return found;
    for (const json& each : queue["tasks"])
      if (each.value("status", "") == "assigned") found.insert(each.value("id", ""));
    return found;
  };
  box.require_eventually("three ids", [&] { return ids().size() == 3 && !ids().contains(""); });
  const std::set<std::string> given = ids();
  for (const std::string& id : given) {
    CHECK(id.starts_with("task-"));
    box.require_handoff("development", id);
  }
  box.kill9();
  box.start();
  box.pass_by();
  CHECK(ids() == given);
  CHECK(box.feed("task_received").size() == 4);
}

TEST_CASE("a live task's entry that vanished is put back; a final one stays away") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  put_tasks(box, json::array({typo("a"), typo("b")}));
  box.start();
  require_entry(box, "a", "assigned");
  require_entry(box, "b", "assigned");
  put_tasks(box, json::array({entry(box, "a")}));
  require_entry(box, "b", "assigned");
  fs::remove(box.path(k_queue));
  require_entry(box, "a", "assigned");
  require_entry(box, "b", "assigned");
  box.play([&] { return box.exists("orchestrator/reports/a.json") && box.exists("orchestrator/reports/b.json"); });
  require_entry(box, "a", "completed");
  require_entry(box, "b", "completed");
  put_tasks(box, json::array({entry(box, "a"), typo("c")}));
  require_entry(box, "c", "assigned");
  CHECK(entry(box, "b").is_null());
  CHECK(box.feed("task_received").size() == 3);
}

TEST_CASE("cancelled by hand counts with our time stamp; a stale copy is put back") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  put_tasks(box, json::array({typo("a"), typo("b")}));
  box.start();
  require_entry(box, "a", "assigned");
  require_entry(box, "b", "assigned");
  edit(box, "b", {{"status", "cancelled"}, {"updated_at", "2020-01-01T00:00:00Z"}});
  require_entry(box, "b", "assigned");
  edit(box, "a", {{"status", "cancelled"}});
  box.require_status("a", "cancelled");
  require_entry(box, "a", "cancelled");
  require_entry(box, "b", "assigned");
  box.require_status("b", "in_progress");
}

TEST_CASE("pending by hand retries a blocked task; with an old stamp it does not") {
  Sandbox box;
  box.configure();
  put_tasks(box, json::array({typo("a")}));
  box.start();
  require_entry(box, "a", "assigned");
  box.answer("development", "a", {{"status", "failed"}, {"error", "no"}, {"failure_class", "permanent"}});
  require_entry(box, "a", "blocked");
  edit(box, "a", {{"status", "pending"}, {"updated_at", "2020-01-01T00:00:00Z"}});
  require_entry(box, "a", "blocked");
  box.require_status("a", "blocked");
  edit(box, "a", {{"status", "pending"}});
  box.require_handoff("development", "a");
  CHECK(box.document(Sandbox::handoff_path("development", "a"))["epoch"] == 2);
  require_entry(box, "a", "assigned");
}

TEST_CASE("a bad entry stays untouched and is reported once; its neighbours go on") {
  Sandbox box;
  box.configure();
  const json bad = {{"id", "../../etc/x"}, {"title", "Fix typo in README.md"}};
  put_tasks(box, json::array({bad, typo("a"), json{{"id", "p"}, {"title", "x"}, {"priority", "whenever"}}}));
  box.start();
  require_entry(box, "a", "assigned");
  box.require_feed("task_rejected", 2);
  box.require_eventually("the reason", [&] { return box.exists("task-queue.d/rejected/p.error.json"); });
  CHECK(box.document(k_queue)["tasks"][0] == bad);
  box.kill9();
  box.start();
  put_tasks(box, [&] {
    json tasks = box.document(k_queue)["tasks"];
    tasks.push_back(typo("b"));
    return tasks;
  }());
  require_entry(box, "b", "assigned");
  CHECK(box.feed("task_rejected").size() == 2);
  CHECK(box.feed("task_received").size() == 2);
}

TEST_CASE("changed content of an accepted task is reported once, and the task runs as accepted") {
  Sandbox box;
  box.configure();
  put_tasks(box, json::array({typo("a")}));
  box.start();
  require_entry(box, "a", "assigned");
  edit(box, "a", {{"title", "Delete everything"}});
  box.require_feed("task_rejected");
  edit(box, "a", {{"note", "x"}, {"title", "Fix typo in a.md"}});
  box.play([&] { return box.exists("orchestrator/reports/a.json"); });
  CHECK(says(box.document("orchestrator/reports/a.json"), "Fix typo in a.md"));
  CHECK(box.feed("task_received").size() == 1);
}

TEST_CASE("displaced versions that a crash left behind are merged at the start") {
  Sandbox box;
  box.configure();
  put_tasks(box, json::array({typo("a")}));
  box.put(".task-queue.json.displaced-1-1", json{{"tasks", json::array({typo("a"), typo("lost")})}}.dump());
  box.put(".task-queue.json.displaced-1-2", "{\"tasks\": [");
  box.start();
  box.require_handoff("development", "lost");
  require_entry(box, "a", "assigned");
  require_entry(box, "lost", "assigned");
  box.require_eventually("merged", [&] { return !box.exists(".task-queue.json.displaced-1-1"); });
  box.require_eventually("kept", [&] { return box.exists("task-queue.d/rejected/task-queue.json.displaced-1-2"); });
  CHECK(box.feed("task_received").size() == 2);
}

TEST_CASE("queues as they are found in the world") {
  const fs::path corpus = fs::path(BATON_SOURCE_DIR) / "../shared/corpus/real/queues";
  if (!fs::exists(corpus)) {
    MESSAGE("skipped: the corpus is not here");
    return;
  }
  for (const auto& file : fs::directory_iterator(corpus)) {
    CAPTURE(file.path().string());
    Sandbox box;
    box.configure({{"file_conflicts", "off"}});
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string before(std::istreambuf_iterator<char>(stream), {});
    box.put(k_queue, before);
    box.start();
    box.pass_by();
    const json queue = json::parse(before, nullptr, false);
    const bool is_queue = queue.is_array() || (queue.is_object() && queue.contains("tasks"));
    if (!is_queue) {
      box.require_feed("queue_rejected");
      CHECK(box.read(k_queue) == before);
      continue;
    }
    const json& tasks = queue.is_array() ? queue : queue["tasks"];
    for (const json& task : tasks) {
      if (task.value("status", "") != "pending") continue;
      const std::string id = task.value("id", task.value("task_id", ""));
      box.require_eventually(id + " is answered", [&] {
        return box.plan(id).is_object() || box.exists("task-queue.d/rejected/" + id + ".error.json");
      });
    }
    box.require_eventually("the file is a queue with as many entries", [&] {
      const json now = box.document(k_queue);
      return (now.is_object() ? now.value("tasks", json::array()) : now).size() == tasks.size();
    });
    CHECK(box.running());
  }
}

TEST_CASE("the report of a bad queue file is gone when that file is") {
  Sandbox box;
  box.configure();
  box.put(k_queue, "{");
  box.start();
  box.require_eventually("the reason", [&] { return box.exists(k_queue + ".error.json"); });
  fs::remove(box.path(k_queue));
  box.require_eventually("the reason is gone", [&] { return !box.exists(k_queue + ".error.json"); });
  put_tasks(box, json::array({typo("a")}));
  require_entry(box, "a", "assigned");
}

TEST_CASE("cancelled by hand while the daemon is down counts, even if it was killed") {
  Sandbox box;
  box.configure();
  put_tasks(box, json::array({typo("a")}));
  box.start();
  require_entry(box, "a", "assigned");
  box.kill9();
  edit(box, "a", {{"status", "cancelled"}});
  box.start();
  box.require_status("a", "cancelled");
  require_entry(box, "a", "cancelled");
}

TEST_CASE("a displaced version that a crash left behind does not undo what others wrote since") {
  Sandbox box;
  box.configure();
  const auto theirs = [](const char* note) { return json{{"id", "x"}, {"status", "in_progress"}, {"note", note}}; };
  box.put(".task-queue.json.displaced-1-1", json{{"tasks", json::array({theirs("v1"), typo("lost")})}}.dump());
  put_tasks(box, json::array({theirs("v2")}));
  box.start();
  require_entry(box, "lost", "assigned");
  box.require_eventually("merged", [&] { return !box.exists(".task-queue.json.displaced-1-1"); });
  CHECK(entry(box, "x")["note"] == "v2");
}
