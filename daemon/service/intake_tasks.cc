// The drop folder: JSON and Markdown files with one task or several.
#include <algorithm>

#include "base/ids.h"
#include "service/arriving.h"
#include "service/intake.h"

namespace baton::service {

namespace paths = protocol::paths;

void Intake::look_at_drop(const Item& item, Turn& turn) {
  if (item.how == How::gone || paths::is_private(item.name)) return;
  const std::string path = paths::join(item.folder, item.name);
  if (path == paths::k_accepted || path == paths::k_rejected) return;
  if (item.name.ends_with(".json") || item.name.ends_with(".md")) return take_drop(path, item.name, item.how, turn);
  const auto stat = world_.files.stat(path);
  if (!stat || inputs_.known(path, stat->identity)) return;
  turn.say({"document_rejected", "", "", "", {{"path", path}, {"reason", "neither .json nor .md: left where it is"}}});
  inputs_.leave(inputs_.take(InputKind::drop, path, stat->identity), turn);
}

void Intake::take_drop(const std::string& path, const std::string& name, How how, Turn& turn) {
  const auto content = read_input(InputKind::drop, path, how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::drop, path, content->stat.identity);
  if (name.ends_with(".json")) {
    auto tasks = protocol::read_dropped_json(content->bytes);
    if (!tasks) return refuse(input, std::move(tasks).error(), turn);
    return arrive(input, name, std::move(*tasks), turn);
  }
  auto task = protocol::read_dropped_markdown(content->bytes);
  if (!task) return refuse(input, std::move(task).error(), turn);
  std::vector<protocol::TaskIn> one;
  one.push_back(std::move(*task));
  arrive(input, name, std::move(one), turn);
}

// A stem that is taken names the same task only while that one lives with equal content; else the next free <stem>-N.
std::string Intake::free_id(const std::string& stem, const std::string& content_hash, const std::set<std::string>& given) {
  for (int n = 1;; ++n) {
    const std::string id = n == 1 ? stem : shorten_id(stem + "-" + std::to_string(n));
    if (given.contains(id)) continue;
    const core::Task* live = world_.core.task(id);
    if (live != nullptr) {
      if (live->spec.content_hash == content_hash) return id;
      continue;
    }
    if (world_.core.subtask(id) != nullptr) continue;
    const auto taken = world_.store.taken({id});
    if (taken && taken->empty()) return id;
  }
}

void Intake::arrive(const core::InputRef& input, const std::string& name, std::vector<protocol::TaskIn> tasks, Turn& turn) {
  const std::string stem = fit_task_id(name.substr(0, name.rfind('.')));
  const bool several = tasks.size() > 1;
  core::TasksArrived arrived{input, core::Source::drop, {}};
  std::set<std::string> given;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    protocol::TaskIn& in = tasks[i];
    if (in.spec.id.empty())
      in.spec.id = free_id(several ? shorten_id(stem + "-" + std::to_string(i + 1)) : stem, in.spec.content_hash, given);
    given.insert(in.spec.id);
    in.spec.source = core::Source::drop;
    for (const std::string& warning : in.warnings)
      turn.say({"document_warning", in.spec.id, "", "", {{"path", input.path}, {"reason", warning}}});
    turn.commit.documents[in.spec.id] = std::move(in.document);
    arrived.tasks.push_back(arriving_task(world_, std::move(in.spec)));
  }
  turn.tell(std::move(arrived));
}

}  // namespace baton::service
