// The drop folder: JSON and Markdown files with one task or several.
#include <algorithm>
#include <optional>
#include <span>
#include <variant>

#include "base/ids.h"
#include "service/arriving.h"
#include "service/intake.h"
#include "service/log.h"
#include "service/trust.h"

namespace baton::service {

namespace paths = protocol::paths;

void Intake::look_at_drop(const Item& item, Turn& turn) {
  if (paths::is_private(item.name)) return;
  const std::string path = paths::join(item.folder, item.name);
  if (path == paths::k_accepted || path == paths::k_rejected) return;
  if (item.how == How::gone) {
    if (inputs_.is_left(path) && is_gone(path)) inputs_.vanished(path);
    return;
  }
  if (item.name.ends_with(".json") || item.name.ends_with(".md")) return take_drop(path, item.name, item.how, turn);
  leave_alone(InputKind::drop, path, "neither .json nor .md", "a task is a .json or a .md file", turn);
}

void Intake::take_drop(const std::string& path, const std::string& name, How how, Turn& turn) {
  const bool is_json = name.ends_with(".json");
  if (!is_json && how == How::renamed) how = How::written;  // half a text is a text, too: nobody may have it open any more
  const auto content = read_input(InputKind::drop, path, how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::drop, path, content->stat.identity);
  if (is_json) {
    auto tasks = protocol::read_dropped_json(content->bytes);
    if (!tasks) return refuse(input, std::move(tasks).error(), turn);
    auto trusted = trust(*content, *tasks);
    if (!trusted) return refuse(input, std::move(trusted).error(), turn);
    return arrive(input, name, content->bytes, std::move(*tasks), turn);
  }
  auto task = protocol::read_dropped_markdown(content->bytes);
  if (!task) return refuse(input, std::move(task).error(), turn);
  std::vector<protocol::TaskIn> one;
  one.push_back(std::move(*task));
  arrive(input, name, content->bytes, std::move(one), turn);
}

// Markdown brings no commands.
Result<> Intake::trust(const platform::Content& content, const std::vector<protocol::TaskIn>& tasks) {
  for (const protocol::TaskIn& task : tasks) {
    auto trusted = trust_commands(world_.files, content.stat, task);
    if (!trusted)
      return tl::make_unexpected(protocol::located(std::move(trusted).error(), content.bytes, task.pointer, core::Source::drop));
  }
  return {};
}

// A stem that is taken names the same task only while that one lives with equal content; else the next free <stem>-N.
std::string Intake::free_id(const std::string& stem, const protocol::TaskIn& in, const std::set<std::string>& given) {
  for (int n = 1;; ++n) {
    const std::string id = n == 1 ? stem : shorten_id(stem + "-" + std::to_string(n));
    if (given.contains(id)) continue;
    const core::Task* live = world_.core.task(id);
    if (live != nullptr) {
      if (protocol::same_content(live->spec.content_hash, in)) return id;
      continue;
    }
    if (world_.core.subtask(id) != nullptr) continue;
    const auto taken = world_.history.taken({id});
    if (!taken || taken->empty()) return id;  // a journal that cannot be read ends the program at the commit
  }
}

// A task that is known by the hash of an older version is told by that one.
void Intake::take_known_hash(protocol::TaskIn& in) {
  const core::Task* live = world_.core.task(in.spec.id);
  const auto ended = live != nullptr ? std::nullopt : world_.history.ended(in.spec.id).value_or(std::nullopt);
  const std::string known = live != nullptr ? live->spec.content_hash : ended ? ended->content_hash : "";
  if (!known.empty() && protocol::same_content(known, in)) in.spec.content_hash = known;
}

void Intake::arrive(const core::InputRef& input, const std::string& name, const std::string& bytes,
                    std::vector<protocol::TaskIn> tasks, Turn& turn) {
  const std::string stem = fit_task_id(name.substr(0, name.rfind('.')));
  const bool several = tasks.size() > 1;
  core::TasksArrived arrived{input, core::Source::drop, {}};
  std::set<std::string> given;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    protocol::TaskIn& in = tasks[i];
    if (in.spec.id.empty()) in.spec.id = free_id(several ? shorten_id(stem + "-" + std::to_string(i + 1)) : stem, in, given);
    take_known_hash(in);
    given.insert(in.spec.id);
    in.spec.source = core::Source::drop;
    for (core::FeedEntry& warning : warnings_about(world_, in, input.path)) turn.say(std::move(warning));
    turn.commit.documents[in.spec.id] = std::move(in.document);
    arrived.tasks.push_back(arriving_task(world_, std::move(in.spec)));
    arrived.tasks.back().pointer = in.pointer;
  }
  const std::size_t before = turn.changes.effects.size();
  turn.tell(std::move(arrived));
  say_where(bytes, tasks, std::span(turn.changes.effects).subspan(before));
}

namespace {

bool begins_with(std::string_view pointer, std::string_view front) {
  return pointer.starts_with(front) && (pointer.size() == front.size() || pointer[front.size()] == '/');
}

}  // namespace

// The core knows which member of which task it refuses; the bytes tell line and column, and what its author called it.
void Intake::say_where(std::string_view bytes, const std::vector<protocol::TaskIn>& tasks, std::span<core::Effect> effects) {
  const auto refusal = std::ranges::find_if(effects, [](auto& each) { return std::holds_alternative<core::RefuseInput>(each); });
  if (refusal == effects.end()) return;
  const core::InputRef& input = std::get<core::RefuseInput>(*refusal).input;
  Error& error = std::get<core::RefuseInput>(*refusal).error;
  const auto task = std::ranges::find_if(tasks, [&](auto& each) { return begins_with(error.place.pointer, each.pointer); });
  if (task == tasks.end()) return;
  error.place.pointer.erase(0, task->pointer.size());
  error = input.path.ends_with(".md") ? protocol::located_in_markdown(std::move(error), bytes)
                                      : protocol::located(std::move(error), bytes, task->pointer, core::Source::drop);
  for (core::Effect& effect : effects)
    if (auto* entry = std::get_if<core::FeedEntry>(&effect); entry != nullptr && entry->type == "task_rejected")
      add_place(*entry, error);
  log::warn({"refused ", input.path, ": ", error.message});
}

}  // namespace baton::service
