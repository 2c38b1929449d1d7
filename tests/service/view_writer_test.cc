#include "service/view_writer.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "platform/files_at.h"
#include "platform/temp_folder.h"
#include "protocol/paths.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr std::int64_t k_patience_ms = 60'000;

std::shared_ptr<const core::Task> ended_task(const std::string& id) {
  auto task = std::make_shared<core::Task>();
  task->spec.id = task->spec.title = id;
  task->status = core::PlanStatus::completed;
  task->planned = true;
  core::Subtask& subtask = task->subtasks.emplace_back();
  subtask.spec.id = subtask.spec.title = id;
  subtask.spec.assigned_to = "development";
  subtask.task_id = id;
  subtask.status = core::SubtaskStatus::completed;
  return task;
}

std::unique_ptr<platform::Files> files_of(const TempFolder& folder) {
  auto files = platform::open_files(folder.path(), 0600, 0700);
  REQUIRE(files.has_value());
  (*files)->keep_folders();
  return std::move(*files);
}

std::vector<service::ViewWriter::Done> await(service::ViewWriter& writer, std::size_t count) {
  std::vector<service::ViewWriter::Done> all;
  while (all.size() < count) {
    writer.wait_for_some(k_patience_ms);
    std::vector<service::ViewWriter::Done> some = writer.take_done();
    REQUIRE_MESSAGE(!some.empty(), "nothing came");
    std::ranges::move(some, std::back_inserter(all));
  }
  return all;
}

}  // namespace

TEST_CASE("what is pushed is written in order, the report last, and told with what got its place") {
  TempFolder folder;
  for (const std::string& name : protocol::paths::fixed_folders()) folder.folder(name);
  service::ViewWriter writer(files_of(folder));
  constexpr std::size_t k_tasks = 200;
  for (std::size_t n = 0; n < k_tasks; ++n) {
    writer.push(ended_task("t" + std::to_string(n)));
    if (n % 50 == 0) writer.let_folders_go();
  }
  const auto done = await(writer, k_tasks);
  CHECK(writer.pending() == 0);
  for (std::size_t n = 0; n < k_tasks; ++n) {
    const std::string id = "t" + std::to_string(n);
    CHECK(done[n].task->spec.id == id);
    CHECK(done[n].written.has_value());
    CHECK(done[n].placed.back() == protocol::paths::report_json(id));
    CHECK(done[n].placed.size() == service::ViewFiles::last_paths(*done[n].task).size());
    for (const std::string& path : done[n].placed) CHECK(std::filesystem::exists(folder / path));
  }
}

TEST_CASE("what cannot be written is told, and holds back nobody") {
  TempFolder folder;
  for (const std::string& name : protocol::paths::fixed_folders()) folder.folder(name);
  std::filesystem::create_directory(folder / protocol::paths::report_md("bad"));
  service::ViewWriter writer(files_of(folder));
  writer.push(ended_task("bad"));
  writer.push(ended_task("good"));
  const auto done = await(writer, 2);
  CHECK_FALSE(done[0].written.has_value());
  CHECK(std::filesystem::exists(folder / protocol::paths::report_json("bad")));
  CHECK(done[1].written.has_value());
}

TEST_CASE("its end waits for the task it is at, and leaves no half of a document") {
  TempFolder folder;
  for (const std::string& name : protocol::paths::fixed_folders()) folder.folder(name);
  {
    service::ViewWriter writer(files_of(folder));
    for (int n = 0; n < 100; ++n) writer.push(ended_task("t" + std::to_string(n)));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "orchestrator/reports"))
    CHECK_FALSE(entry.path().filename().string().starts_with("."));
}
