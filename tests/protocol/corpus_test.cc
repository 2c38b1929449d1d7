// Documents of a public system with this layout: all of them are understood or refused with a place, and none is a surprise.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "protocol/example_files.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"

using namespace baton;
using namespace baton::protocol;

namespace {

bool has_corpus() {
  if (std::filesystem::exists(test::corpus_folder())) return true;
  MESSAGE("skipped: the corpus is not here");
  return false;
}

}  // namespace

TEST_CASE("every entry of the real queues is understood") {
  if (!has_corpus()) return;
  std::map<std::string, int> statuses;
  for (const char* name : {"q1.json", "q2.json"}) {
    const auto queue = parse_queue(test::file_text(test::corpus_folder() / "queues" / name));
    REQUIRE(queue.has_value());
    for (const QueueEntry& entry : queue->entries) {
      const auto task = read_queue_entry(queue->span(entry));
      REQUIRE_MESSAGE(task.has_value(), task.error().message);
      CHECK(!task->spec.id.empty());
      CHECK(!task->spec.title.empty());
      CHECK((task->spec.assigned_to.empty() || task->spec.assigned_to == "development" || task->spec.assigned_to == "security" ||
             task->spec.assigned_to == "inventory"));
      ++statuses[task->status];
    }
  }
  CHECK(statuses ==
        std::map<std::string, int>{{"assigned", 8}, {"completed", 24}, {"failed", 7}, {"pending", 14}, {"worker_spawned", 1}});
}

TEST_CASE("one task as a queue file is a task when dropped") {
  if (!has_corpus()) return;
  const auto tasks = read_dropped_json(test::file_text(test::corpus_folder() / "queues/q3-one-task-as-top.json"));
  REQUIRE(tasks.has_value());
  CHECK(tasks->front().spec.id == "autonomous-test-1763566194");
}

TEST_CASE("every real handoff is understood or refused with a reason") {
  if (!has_corpus()) return;
  int understood = 0;
  for (const auto& file : test::files_in(test::corpus_folder() / "handoffs")) {
    const std::string bytes = test::file_text(file);
    const auto handoff = read_handoff(bytes);
    CAPTURE(file.string());
    if (bytes.size() <= 1) {
      REQUIRE(!handoff.has_value());
      CHECK(!handoff.error().message.empty());
      continue;
    }
    REQUIRE_MESSAGE(handoff.has_value(), handoff.error().message);
    const bool completion = file.filename().string().starts_with("development__");
    CHECK(handoff->says == (completion ? HandoffIn::Says::completed : HandoffIn::Says::pending));
    ++understood;
  }
  CHECK(understood == 12);
}

TEST_CASE("every real worker spec is understood or refused with its place") {
  if (!has_corpus()) return;
  int understood = 0, refused = 0, ended = 0;
  for (const auto& file : test::files_in(test::corpus_folder() / "worker-specs")) {
    const auto worker = read_worker_spec(test::file_text(file));
    CAPTURE(file.string());
    if (!worker) {
      ++refused;
      CHECK(worker.error().message.starts_with("not JSON: "));
      CHECK(worker.error().place.line > 20);
      continue;
    }
    ++understood;
    ended += worker->has_result ? 1 : 0;
    CHECK(!worker->worker_id.empty());
    CHECK(!worker->subtask_id.empty());
    CHECK(!worker->master.empty());
  }
  CHECK(understood == 21);
  CHECK(refused == 3);
  CHECK(ended >= 5);
}
