// What people and programs really put into the drop folder: nothing of it may stop the daemon, and everything is answered.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "system/sandbox.h"

using baton::test::json;
using baton::test::Sandbox;
namespace fs = std::filesystem;

namespace {

const json k_typo = {{"title", "Fix typo in README.md"}};

bool says(const json& document, const std::string& words) { return document.dump().find(words) != std::string::npos; }

/// A writer that opens the file under its final name and takes its time.
class SlowWriter {
 public:
  SlowWriter(const Sandbox& box, const std::string& relative)
      : fd_(::open(box.path(relative).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) {
    REQUIRE(fd_ >= 0);
  }
  ~SlowWriter() { close(); }
  SlowWriter(const SlowWriter&) = delete;
  SlowWriter& operator=(const SlowWriter&) = delete;
  void write(const std::string& bytes) {
    REQUIRE(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("what is no regular file is refused by its name and never opened") {
  Sandbox box;
  box.start();
  fs::create_directory(box.path("task-queue.d/folder.json"));
  REQUIRE(::mkfifo(box.path("task-queue.d/pipe.json").c_str(), 0600) == 0);
  fs::create_symlink("/etc/passwd", box.path("task-queue.d/link.json"));
  CHECK(says(box.require_refusal("folder.json"), "it is a folder"));
  CHECK(says(box.require_refusal("pipe.json"), "it is no regular file"));
  CHECK(box.require_refusal("link.json")["message"] == "it is a symbolic link");  // file and path name it already
  const std::vector<json> rejected = box.feed("task_rejected");
  CHECK(std::ranges::any_of(rejected, [](const json& entry) {
    return entry["path"] == "task-queue.d/link.json" && entry["reason"] == "it is a symbolic link";
  }));
  if (::geteuid() == 0 && ::mknod(box.path("task-queue.d/device.json").c_str(), S_IFCHR | 0600, (1 << 8) | 5) == 0)
    CHECK(says(box.require_refusal("device.json"), "it is no regular file"));  // /dev/zero: reading it would never end
  else
    MESSAGE("no device could be made here");
  CHECK(fs::is_symlink(box.path("task-queue.d/rejected/link.json")));
  box.pass_by();
}

TEST_CASE("empty, one byte, not UTF-8, too deep, two documents in one: each with its reason") {
  Sandbox box;
  box.start();
  const std::string deep = "{\"title\": \"x\", \"context\": " + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  box.drop("empty.json", std::string());
  box.drop("one.json", std::string("{"));
  box.drop("bytes.json", std::string("{\"title\": \"\xff\xfe\"}"));
  box.drop("deep.json", deep);
  box.drop("two.json", std::string("{\"title\": \"a\"}\n{\"title\": \"b\"}"));
  box.drop("scalar.json", std::string("42"));
  box.drop("untitled.json", std::string("{\"id\": \"x\"}"));
  box.drop("blank.md", std::string(" \n\n"));
  for (const char* name :
       {"empty.json", "one.json", "bytes.json", "deep.json", "two.json", "scalar.json", "untitled.json", "blank.md"}) {
    const json reason = box.require_refusal(name);
    CHECK_MESSAGE(reason.is_object(), name);
    CHECK_MESSAGE(says(reason, name), reason.dump());
  }
  CHECK(box.read("task-queue.d/rejected/deep.json") == deep);
  CHECK(says(box.document("task-queue.d/rejected/bytes.json.error.json"), "UTF-8"));
  box.pass_by();
  CHECK(box.feed("task_rejected").size() == 8);
  CHECK(box.feed("task_received").size() == 1);
  box.check_seq();
}

TEST_CASE("a hundred megabytes are refused in bounded memory, sparse or real") {
  Sandbox box;
  box.start();
  box.pass_by();
  constexpr std::uintmax_t k_large = 100 << 20;
  box.put_plainly("sparse", "");
  fs::resize_file(box.path("sparse"), k_large);
  box.move("sparse", "task-queue.d/sparse.json");
  const std::string mebibyte = "\"" + std::string((1 << 20) - 2, 'x') + ",";
  std::string real = "[";
  for (int i = 0; i < 100; ++i) real += mebibyte;
  box.drop("real.json", real);
  std::string nested;
  while (nested.size() < (7 << 20)) nested += std::string(100, '[') + std::string(100, ']') + ",";
  std::string texts;
  while (texts.size() < (7 << 20)) texts += "\"\",";
  box.drop("nested.json", "{\"title\": \"x\", \"context\": [" + nested + "1]}");
  box.drop("texts.json", "{\"title\": \"x\", \"subtasks\": [" + texts + "1]}");
  CHECK(says(box.require_refusal("nested.json"), "more than 500000 values"));
  CHECK(says(box.require_refusal("texts.json"), "more than 500000 values"));
  CHECK(says(box.require_refusal("sparse.json"), "104857600 bytes"));
  CHECK(says(box.require_refusal("real.json"), "max_document_bytes"));
  CHECK(fs::file_size(box.path("task-queue.d/rejected/real.json")) == real.size());
  if (Sandbox::k_sanitized)
    MESSAGE("memory is not judged: the sanitizer needs its own");
  else
    CHECK(box.peak_memory_kib() < 160 * 1024);  // simdjson needs twelve bytes for one of the largest document
}

TEST_CASE("a document of exactly max_document_bytes is read, one byte more is not") {
  Sandbox box;
  box.configure({{"max_document_bytes", "64KiB"}});
  box.start();
  std::string bytes = k_typo.dump();
  bytes.resize(64 << 10, ' ');
  box.drop("fits.json", bytes);
  box.drop("over.json", bytes + " ");
  box.require_handoff("development", "fits");
  CHECK(says(box.require_refusal("over.json"), "65537 bytes, at most 65536"));
}

TEST_CASE("a slow writer's document is taken once and whole") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  SlowWriter json_writer(box, "task-queue.d/slow.json");
  SlowWriter prompt_writer(box, "task-queue.d/prompt.md");
  box.pass_by();
  json_writer.write("{\"title\": \"Fix typo in READ");
  prompt_writer.write("# Fix typo in README.md\n\nFirst half, ");
  box.pass_by();
  box.pass_by();
  CHECK(box.exists("task-queue.d/slow.json"));
  CHECK(box.exists("task-queue.d/prompt.md"));
  CHECK(box.feed("task_rejected").empty());
  json_writer.write("ME.md\", \"description\": \"to the last word\"}");
  prompt_writer.write("to the last word.\n");
  json_writer.close();
  prompt_writer.close();
  for (const char* id : {"slow", "prompt"}) {
    box.require_handoff("development", id);
    CHECK(says(box.document(Sandbox::handoff_path("development", id)), "to the last word"));
  }
  box.require_feed("task_received", 5);
  CHECK(box.feed("task_rejected").empty());
}

TEST_CASE("a file written plainly is taken like a renamed one") {
  Sandbox box;
  box.start();
  box.put_plainly("task-queue.d/plain.json", k_typo.dump());
  box.require_handoff("development", "plain");
  box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/plain.json"); });
}

TEST_CASE("an id never becomes a path") {
  Sandbox box;
  box.start();
  box.drop("escape.json", {{"id", "../../etc/x"}, {"title", "Fix typo in README.md"}});
  box.drop("plan.json", {{"id", "orch-x"}, {"title", "Fix typo in README.md"}});
  box.drop("master.json", {{"title", "Fix typo in README.md"}, {"assigned_to", "../development"}});
  CHECK(says(box.require_refusal("escape.json"), "\"/id\""));
  CHECK(says(box.require_refusal("plan.json"), "\"/id\""));
  CHECK(says(box.require_refusal("master.json"), "\"/assigned_to\""));
  CHECK_FALSE(fs::exists(box.path("../../etc/x")));
  box.pass_by();
  CHECK(box.feed("task_received").size() == 1);
}

TEST_CASE("several tasks in one file: an array, {tasks}, and all or nothing") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  const json second = {{"title", "List all repositories in the portfolio"}};
  box.drop("many.json", json::array({k_typo, second}));
  box.drop("wrapped.json", json{{"tasks", json::array({json{{"id", "w1"}, {"title", "Fix typo in README.md"}}})}});
  box.drop("half.json", json::array({k_typo, json{{"title", "x"}, {"priority", "whenever"}}}));
  box.require_handoff("development", "many-1");
  box.require_handoff("inventory", "many-2");
  box.require_handoff("development", "w1");
  CHECK(says(box.require_refusal("half.json"), "/1/priority"));
  box.pass_by();
  CHECK(box.plan("half-1").is_null());
  CHECK(box.feed("task_received").size() == 4);
}

TEST_CASE("a stem that is taken: the same while it lives, the next free one afterwards") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  box.drop("scan.json", k_typo);
  box.require_handoff("development", "scan");
  box.require_eventually("filed", [&] { return box.exists("task-queue.d/accepted/scan.json"); });  // else it is written over
  box.drop("scan.json", k_typo);
  box.require_eventually("filed again", [&] { return box.exists("task-queue.d/accepted/scan.json.1"); });
  box.drop("scan.json", json{{"title", "Fix another typo in README.md"}, {"files_affected", {"other.md"}}});
  box.require_handoff("development", "scan-2");
  box.play([&] { return box.exists("orchestrator/reports/scan.json") && box.exists("orchestrator/reports/scan-2.json"); });
  box.drop("scan.json", k_typo);
  box.require_handoff("development", "scan-3");
  box.require_feed("task_received", 3);
  CHECK(box.feed("task_received").size() == 3);
}

TEST_CASE("the same explicit id with other content is rejected, and both places are named") {
  Sandbox box;
  box.start();
  box.drop("first.json", {{"id", "t1"}, {"title", "Fix typo in README.md"}});
  box.require_handoff("development", "t1");
  box.drop("again.json", {{"title", "Fix typo in README.md"}, {"id", "t1"}});
  box.require_eventually("the same task", [&] { return box.exists("task-queue.d/accepted/again.json"); });
  box.drop("other.json", {{"id", "t1"}, {"title", "Delete everything"}});
  json reason = box.require_refusal("other.json");
  CHECK(says(reason, "task-queue.d/other.json"));
  CHECK(says(reason, "orchestrator/tasks/orch-t1.json"));
  box.play([&] { return box.exists("orchestrator/reports/t1.json"); });
  box.drop("late.json", {{"id", "t1"}, {"title", "Delete everything"}});
  reason = box.require_refusal("late.json");
  CHECK(says(reason, "orchestrator/tasks/orch-t1.json, completed"));
  CHECK(box.feed("task_received").size() == 1);
}

TEST_CASE("ids of tasks that have ended are never used again, whatever they would be called instead") {
  const auto steps = [](const std::string& task_id, const std::vector<std::string>& ids) {
    json task = {{"id", task_id}, {"title", "Steps of " + task_id}, {"subtasks", json::array()}};
    for (const std::string& id : ids)
      task["subtasks"].push_back({{"subtask_id", id}, {"title", "Step " + id}, {"assigned_to", "development"}});
    return task;
  };
  Sandbox box;
  box.configure({{"planner", {{"command", {"false"}}}}});
  box.start();
  box.drop("t1.json", steps("t1", {"u.x", "x"}));
  box.require_status("t1", "in_progress");
  CHECK(box.run({"cancel", "t1"}).code == 0);
  box.require_status("t1", "cancelled");

  box.drop("u.json", steps("u", {"x", "y"}));
  box.require_status("u", "in_progress");
  CHECK(box.plan("u")["subtasks"][0]["subtask_id"] == "u.x-2");
  CHECK(box.plan("u")["subtasks"][1]["subtask_id"] == "y");
  for (const char* title : {"Optimize the entire codebase", "Fix typo in README.md"}) {
    box.drop("x.json", {{"id", "x"}, {"title", title}});
    CHECK(says(box.require_refusal("x.json"), "is the id of a subtask"));
    fs::remove(box.path("task-queue.d/rejected/x.json"));
    fs::remove(box.path("task-queue.d/rejected/x.json.error.json"));
  }
  box.drop("both.json", json::array({steps("p", {"q", "r"}), {{"id", "q"}, {"title", "Fix typo in NEWS.md"}}}));
  CHECK(says(box.require_refusal("both.json"), "is the id of a subtask"));
  CHECK(box.stop() == 0);
  box.start();
  CHECK(box.run({"cancel", "u"}).code == 0);
  box.require_status("u", "cancelled");
  box.check_seq();
}

TEST_CASE("names of the longest size and of any bytes") {
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  const std::string longest = std::string(250, 'n') + ".json";
  box.drop(longest, std::string("{"));
  box.require_eventually("a reason file", [&] {
    for (const std::string& name : box.list("task-queue.d/rejected"))
      if (name.ends_with(".error.json") && says(box.document("task-queue.d/rejected/" + name), longest)) return true;
    return false;
  });
  box.drop("\xff\xfe.json", k_typo);
  box.require_eventually("taken", [&] { return box.exists("task-queue.d/accepted/\xff\xfe.json"); });
  box.drop("a b;$(reboot).json", k_typo);
  box.require_eventually("taken", [&] { return box.exists("task-queue.d/accepted/a b;$(reboot).json"); });
  box.require_feed("subtask_handed_off", 2);
}

TEST_CASE("thousands of files at once: each exactly once") {
  constexpr int k_files = 2'000;
  Sandbox box;
  box.configure({{"file_conflicts", "off"}});
  box.start();
  for (int i = 0; i < k_files; ++i)
    box.drop("n" + std::to_string(i) + ".json", {{"title", "Fix typo " + std::to_string(i) + " in README.md"}});
  box.require_eventually(
      "all filed", [&] { return box.list("task-queue.d/accepted").size() == k_files; }, 240);
  box.require_eventually(
      "all handed out", [&] { return box.list("masters/development/handoffs").size() == k_files + 3; }, 240);
  CHECK(box.stop() == 0);
  CHECK(box.feed("task_received").size() == k_files);
  box.check_seq();
}
