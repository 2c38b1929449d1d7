// What the queue file holds that cannot be taken: reported once, and forgotten when it is gone.
#include "base/ids.h"
#include "protocol/paths.h"
#include "protocol/writers.h"
#include "service/arriving.h"
#include "service/log.h"
#include "service/queue_keeper.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
const std::string k_file(paths::k_queue);
}

void QueueKeeper::say_rejected(const std::string& path, const Error& error, Turn& turn) {
  core::FeedEntry entry{"queue_rejected", "", "", "", {{"path", path}, {"reason", error.message}}};
  add_place(entry, error);
  turn.say(std::move(entry));
}

void QueueKeeper::refuse_file(const std::string& path, const Error& error, Turn& turn) {
  log::warn({path, ": ", in_words(error)});
  say_rejected(path, error, turn);
  const std::string hidden = ".baton-queue-error";
  const auto written = world_.files.write(hidden, protocol::write_reason(path, error, world_.now.wall_ms));
  if (written && world_.files.rename(hidden, std::string(paths::k_queue_error), platform::Replace::yes)) error_file_ = true;
}

// The file is a queue again, or gone.
void QueueKeeper::take_back_refusal(const std::string& path) {
  unreadable_ = false;
  refused_identity_ = {};  // should it come back it is told again
  settling_.forget(path);
  if (std::exchange(error_file_, false)) static_cast<void>(world_.files.remove(std::string(paths::k_queue_error)));
}

// What was found in the entry that is being looked at, with its place in the file.
Error QueueKeeper::located(Error error) const {
  const std::size_t index = scan_->next - 1;
  const std::string_view span = scan_->file.span(scan_->file.entries.at(index));
  if (error.place.line == 0) error = protocol::located(std::move(error), span, "", core::Source::queue);
  error.place = protocol::place_in_queue(scan_->file, index, error.place);
  return error;
}

// Once per content: `key` is the hash of it.
void QueueKeeper::refuse_entry(const std::string& id, const std::string& key, Error error, Turn& turn) {
  const std::uint64_t hash = scan_->file.entries.at(scan_->next - 1).hash;
  if (!refused_.insert_or_assign(key, hash).second) return;
  fresh_refused_.insert(key);
  error = located(std::move(error));
  const std::string name = is_task_id(id) ? id : key;
  log::warn({"task-queue.json: ", name, ": ", in_words(error)});
  core::FeedEntry entry{"task_rejected", is_task_id(id) ? id : "", "", "", {{"path", k_file}, {"reason", error.message}}};
  add_place(entry, error);
  turn.say(std::move(entry));
  const core::InputRef input = inputs_.take(InputKind::queue_entry, paths::join(paths::k_rejected, paths::error_name(name)), {});
  turn.changes.effects.emplace_back(core::RefuseInput{input, std::move(error)});
}

// After a whole pass: entries that were reported and are gone would be reported again if they came back. They may still come
// from what a run before has displaced, which is this program's file.
void QueueKeeper::forget_refusals() {
  if (!displaced_.empty()) return;
  std::erase_if(refused_, [this](const auto& each) {
    const auto& [key, hash] = each;
    if (known_.contains(hash) || older_.contains(hash)) return false;
    fresh_refused_.erase(key);
    gone_refused_.insert(key);
    return true;
  });
}

// We wrote an entry that was reported in other bytes: it is the same one still.
void QueueKeeper::refused_moved(const std::unordered_map<std::uint64_t, std::uint64_t>& written) {
  for (auto& [key, hash] : refused_)
    if (const auto now = written.find(hash); now != written.end()) hash = now->second;
}

void QueueKeeper::refuse_other_content(const std::string& task_id, const protocol::TaskIn& in, Turn& turn) {
  refuse_entry(task_id, task_id + ":" + in.spec.content_hash,
               Error{ErrorCode::invalid,
                     "task " + task_id + " was accepted before with other content; that one stands",
                     "give the changed entry an id of its own",
                     {"/id", 0, 0}},
               turn);
}

}  // namespace baton::service
