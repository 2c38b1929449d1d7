// Tasks from the drop folder and from the queue file. docs/protocol.md, "Task".
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/text.h"
#include "protocol/content.h"
#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"
#include "protocol/task_fields.h"

namespace baton::protocol {
namespace {

using core::Source;
using nlohmann::json;

constexpr std::size_t k_max_tasks = 1'000;  // in one dropped document: it is taken as a whole, in one turn

Result<std::vector<TaskIn>> read_list(std::string_view bytes, const std::string& base) {
  TRY_VALUE(const QueueFile file, parse_queue(std::string(bytes)));
  if (file.entries.empty())
    return fail(ErrorCode::invalid, "the list holds no task", R"(put one into it: [{"title": "..."}])",
                place_of_pointer(bytes, base));
  if (file.entries.size() > k_max_tasks)
    return fail(ErrorCode::invalid,
                "the list holds " + std::to_string(file.entries.size()) + " tasks, at most " + std::to_string(k_max_tasks) +
                    " are taken from one file",
                "split it into several files", place_of_pointer(bytes, base));
  std::vector<TaskIn> tasks;
  for (const QueueEntry& entry : file.entries) {
    const std::string_view own = file.span(entry);
    std::string pointer = base + "/" + std::to_string(tasks.size());
    TRY_VALUE(TaskIn task, read_task(Document(json::parse(own, nullptr, false), bytes, pointer, own), own, Source::drop));
    task.pointer = std::move(pointer);
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace

Result<std::vector<TaskIn>> read_dropped_json(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(bytes));
  const json& root = document.root();
  if (root.is_array()) return read_list(bytes, "");
  if (root.is_object() && root.contains("tasks") && root["tasks"].is_array()) return read_list(bytes, "/tasks");
  TRY_VALUE(TaskIn task, read_task(std::move(document), text::trim(without_bom(bytes)), Source::drop));
  std::vector<TaskIn> tasks;
  tasks.push_back(std::move(task));
  return tasks;
}

Result<TaskIn> read_queue_entry(std::string_view entry_bytes) {
  TRY_VALUE(Document document, Document::parse(entry_bytes));
  return read_task(std::move(document), entry_bytes, Source::queue);
}

bool same_content(std::string_view known_hash, const TaskIn& task) {
  return known_hash == task.spec.content_hash || known_hash == content_hash(content_in_order(task.document));
}

Error located(Error error, std::string_view bytes, const std::string& pointer, Source source) {
  const std::string_view body = without_bom(bytes);
  const std::string_view own = value_at(body, pointer);
  json task = json::parse(own, nullptr, /*allow_exceptions=*/false);
  if (!task.is_object()) return error;
  Document document(std::move(task), bytes, pointer, own);
  if (normalise_task(document, source)) error.place = document.place(error.place.pointer);
  return error;
}

}  // namespace baton::protocol
