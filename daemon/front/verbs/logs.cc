// baton logs: what is known of the work on a subtask: its events, what its checkpoint said, what its worker prints.
#include "base/text.h"
#include "front/feed_reader.h"
#include "front/lookup.h"
#include "front/standing.h"
#include "front/verbs.h"
#include "front/worker_output.h"
#include "platform/loop.h"

namespace baton::front {
namespace {

/// Lines of the feed about it, from the oldest file that is kept. A simple task's subtask is called like the task.
Result<std::vector<std::string>> events_about(const Folder& folder, const std::string& subtask_id) {
  FeedReader feed(folder);
  TRY(feed.start_after(0));
  std::vector<std::string> about;
  for (;;) {
    TRY_VALUE(const auto lines, feed.next());
    if (lines.empty()) return about;
    for (const std::string& line : lines) {
      const auto event = read_event(line);
      if (event && (event->subtask_id.empty() ? event->task_id : event->subtask_id) == subtask_id) about.push_back(line);
    }
  }
}

void print_heading(Output& out, const std::string& words) {
  out.line();
  out.line(out.paint(Colour::bold, text::printable(words)));
}

void print_text(Output& out, std::string_view words) {
  const std::string_view body = words.substr(0, words.find_last_not_of('\n') + 1);
  for (const std::string& line : text::split(body, '\n')) out.line(text::printable(line));
}

void print(Output& out, const SubtaskView& subtask, const std::vector<std::string>& events, const WorkerOutput& output) {
  out.line(text::printable(subtask.id + ": " + standing(subtask, platform::now().wall_ms)));
  if (!events.empty()) print_heading(out, "events");
  for (const std::string& line : events) out.line(event_text(out, line));
  if (!subtask.check.empty()) {
    print_heading(out, "checkpoint");
    print_text(out, subtask.check);
    print_text(out, subtask.check_output);
  }
  if (output.file.empty()) return;
  print_heading(out, "output of worker " + subtask.worker_id + ": " + output.file + (output.cut ? " (its end)" : ""));
  print_text(out, output.error.empty() ? output.tail : output.error);
}

Result<Data> data_of(const SubtaskView& subtask, const std::vector<std::string>& events, const WorkerOutput& output) {
  Data all = Data::array();
  for (const std::string& line : events) {
    TRY_VALUE(Data event, Data::parse(line));
    all.push(std::move(event));
  }
  Data data;
  data.set("subtask_id", subtask.id).set("task_id", subtask.task_id).set("status", subtask.status);
  data.set("events", std::move(all));
  data.set_if("checkpoint", subtask.check).set_if("checkpoint_output", subtask.check_output);
  data.set_if("worker_id", subtask.worker_id).set_if("output_file", output.file);
  if (!output.file.empty() && output.error.empty()) data.set("output", output.tail).set("output_cut", output.cut);
  data.set_if("output_error", output.error);
  return data;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  TRY_VALUE(const std::string id, find_subtask(folder, context.arguments.value("SUBTASK")));
  TRY_VALUE(LoadedSubtask loaded, load_subtask(folder, id));
  add_worker(folder, loaded.subtask);
  TRY_VALUE(const auto events, events_about(folder, id));
  const WorkerOutput output = output_of(folder, loaded.subtask);
  if (!context.out.json()) print(context.out, loaded.subtask, events, output);
  TRY_VALUE(const Data data, data_of(loaded.subtask, events, output));
  context.out.data(data);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"SUBTASK", "its id, or a beginning or end that names one; a simple task has that of its own"}};
constexpr Example k_examples[] = {
    {"baton logs auth-002-backend", "its events, its checkpoint, the last 64 KiB that its worker printed"},
    {"baton logs auth-002 --json | jq -r .data.checkpoint_output"},
};

}  // namespace

constinit const Verb verbs::k_logs{.name = "logs",
                                   .summary = "Print what is known of the work on a subtask",
                                   .group = Group::inspect,
                                   .operands = k_operands,
                                   .examples = k_examples,
                                   .run = run};

}  // namespace baton::front
