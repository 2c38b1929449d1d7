#include "service/views.h"

#include <algorithm>
#include <utility>

#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::int64_t k_slice_ms = 5;  // how long one call may hold up the loop
constexpr std::int64_t k_beside_state_ms = 2;
constexpr std::int64_t k_pause_factor = 20;  // a write that took t is not repeated before 20 t
constexpr std::size_t k_most_beside = 256;   // more than these the loop writes itself: it has a processor, too
constexpr std::int64_t k_estimates_pause_ms = 1'000;
constexpr int k_live_per_interval = 20;              // live tasks whose views are written while the loop has other work
constexpr int k_ended_per_interval = 20;             // ended ones that do not wait for the next batch, without a thread for them
constexpr std::int64_t k_restore_pause_ms = 60'000;  // an edited view is put back at most once a minute
constexpr std::int64_t k_late_first_ms = 1'000;      // views that cannot be written: back-off
constexpr std::int64_t k_late_last_ms = 60'000;
const std::string k_unwritable = "view_unwritable";  // attentions
const std::string k_state_unwritable = "state_unwritable";

}  // namespace

void Views::restore(const std::vector<std::string>& views_due) {
  for (const std::string& task_id : views_due) {
    auto task = world_.history.load_task(task_id);
    if (task && *task) ended_[task_id] = std::make_shared<const core::Task>(std::move(**task));
  }
  look_at_all();
}

void Views::look_at_all() {
  own_.clear();
  escalations_.reset();
  compare_.clear();
  world_.core.for_each_task([this](const core::Task& task) { compare_.push_back(task.spec.id); });
  std::ranges::reverse(compare_);  // taken from the end
  estimates_due_ = !world_.core.catalogue().durations.empty();
  processes_.forget();
  state_due_ = true;
}

void Views::changed(const core::Changes& changes) {
  if (changes.empty()) return;
  processes_.changed(changes);
  const auto due = [this](const std::string& task_id) {
    const auto late = late_.find(task_id);
    const bool waits = late != late_.end() && late->second.waiting;  // then all of it is written
    return waits || world_.core.task(task_id) == nullptr ? nullptr : &plans_[task_id];
  };
  for (const std::string& task_id : changes.tasks) {
    state_.changed(task_id);
    due(task_id);
  }
  for (const std::string& task_id : changes.created)
    if (Due* plan = due(task_id)) {
      plan->all = true;
      fresh_.insert(task_id);
    }
  for (const std::string& subtask_id : changes.subtasks)
    if (const core::Subtask* subtask = world_.core.subtask(subtask_id)) {
      state_.changed(subtask->task_id);
      if (Due* plan = due(subtask->task_id)) plan->subtasks.insert(subtask_id);
    }
  for (const std::string& task_id : changes.waiting) due(task_id);
  for (const std::string& subtask_id : changes.standing)
    if (const core::Subtask* subtask = world_.core.subtask(subtask_id))
      if (Due* plan = due(subtask->task_id); plan != nullptr && core::is_done_by_child(*subtask))
        plan->subtasks.insert(subtask_id);
  for (const auto& task : changes.ended) {
    const std::string& task_id = task->spec.id;
    plans_.erase(task_id);
    fresh_.erase(task_id);
    const auto late = late_.find(task_id);
    (late != late_.end() && late->second.waiting ? late->second.has_ended : ended_[task_id]) = task;
  }
  estimates_due_ = estimates_due_ || !changes.durations.empty();
  state_due_ = true;
}

std::optional<std::int64_t> Views::next_deadline() const {
  std::optional<std::int64_t> next;
  const auto consider = [&next](std::int64_t at) { next = std::min(next.value_or(at), at); };
  if (!fresh_.empty()) consider(std::max(failed_until_ms_, live_left_ > 0 ? 0 : refill_next_ms_));
  const bool is_next = writer_ ? beside() < k_most_beside : ended_left_ > 0;
  if (!ended_.empty()) consider(std::max(failed_until_ms_, is_next ? 0 : std::min(refill_next_ms_, batch_next_ms_)));
  if (!plans_.empty() || !compare_.empty()) consider(batch_next_ms_);
  if (state_due_) consider(state_next_ms_);
  if (estimates_due_) consider(estimates_next_ms_);
  if (const auto at = processes_.next_deadline()) consider(*at);
  if (beside() > 0) consider(world_.now.boot_ms + world_.config.view_interval_ms);
  for (const auto& [path, at] : restore_) consider(at);
  for (const auto& [task_id, late] : late_)
    if (late.waiting) consider(late.at_ms);
  return next;
}

Result<> Views::settle(const std::string& task_id, std::shared_ptr<const core::Task> has_ended, const Result<>& written) {
  if (written) {
    if (late_.erase(task_id) > 0 && late_.empty()) world_.remarks.clear(k_unwritable);
    return {};
  }
  if (written.error().code == ErrorCode::no_space) return written;
  Late& late = late_[task_id];
  if (late.step_ms == 0) log::warn({"the views of ", task_id, ": ", written.error().message, "; tried again by itself"});
  late.step_ms = std::clamp(2 * late.step_ms, k_late_first_ms, k_late_last_ms);
  late.at_ms = platform::now().boot_ms + late.step_ms;
  late.waiting = true;
  late.has_ended = std::move(has_ended);
  world_.remarks.raise(k_unwritable, written.error().message);
  return {};
}

void Views::take_late(std::int64_t now) {
  for (auto& [task_id, late] : late_) {
    if (!late.waiting || late.at_ms > now) continue;
    late.waiting = false;
    if (late.has_ended)
      ended_[task_id] = std::move(late.has_ended);
    else
      plans_[task_id].all = true;
  }
}

// The views of a live task. Only what was written, or is put off, is no longer due.
Result<> Views::write_due(const std::string& task_id) {
  const auto at = plans_.find(task_id);
  const core::Task* task = world_.core.task(task_id);
  const bool all = at == plans_.end() || at->second.all || fresh_.contains(task_id);
  TRY(settle(task_id, nullptr, task == nullptr ? Result<>() : write_task(*task, all ? nullptr : &at->second.subtasks)));
  fresh_.erase(task_id);
  if (at != plans_.end()) plans_.erase(at);
  return {};
}

Result<> Views::write_first_ended() {
  const auto [task_id, task] = *ended_.begin();
  Result<> written = close(*task);
  keep_worst(written, files_.put_last(*task));
  expect(files_.take_placed());
  TRY(settle(task_id, task, written));
  if (written) done_.push_back(task_id);
  ended_.erase(task_id);
  return {};
}

// The notices of what it is going to write may come before its answer.
Result<> Views::hand_over_first() {
  const auto [task_id, task] = *ended_.begin();
  if (const auto closed = close(*task); !closed) {
    TRY(settle(task_id, task, closed));
  } else {
    expect(ViewFiles::last_paths(*task));
    writer_->push(task);
  }
  ended_.erase(task_id);
  return {};
}

Result<> Views::feed_writer() {
  if (!writer_ || world_.now.boot_ms < failed_until_ms_) return {};
  TRY(take_written());
  while (!ended_.empty() && beside() < k_most_beside) TRY(hand_over_first());
  return {};
}

Result<> Views::take_written() {
  Result<> done;
  for (ViewWriter::Done& each : writer_->take_done()) {
    const std::string& task_id = each.task->spec.id;
    std::ranges::sort(each.placed);
    for (const std::string& path : ViewFiles::last_paths(*each.task))
      if (!std::ranges::binary_search(each.placed, path)) own_.erase(path);
    const auto settled = settle(task_id, each.task, each.written);
    keep_worst(done, settled);
    if (!settled)
      ended_[task_id] = each.task;  // there was no space
    else if (each.written)
      done_.push_back(task_id);
  }
  return done;
}

void Views::refill(std::int64_t now) {
  if (now < refill_next_ms_) return;
  live_left_ = k_live_per_interval;
  ended_left_ = k_ended_per_interval;
  refill_next_ms_ = now + world_.config.view_interval_ms;
}

// Somebody waits for the report. Of a flood of them nobody waits for each: that goes in batches.
Result<> Views::write_ended(const std::function<bool()>& over) {
  for (; !writer_ && !ended_.empty() && ended_left_ > 0 && !over(); --ended_left_) TRY(write_first_ended());
  return {};
}

// A task that is new is shown at once: somebody is looking for it. What is shown already is paced, and so is a flood of new
// tasks, most of which will have ended before their turn comes.
Result<> Views::write_fresh(std::int64_t now, const std::function<bool()>& over) {
  while (!fresh_.empty() && live_left_ > 0 && now >= failed_until_ms_ && !over()) {
    TRY(write_due(std::string(*fresh_.begin())));
    --live_left_;
  }
  return {};
}

// Of ended tasks everything, of live ones what there is time for: under load most of them end before they are looked at, and a
// file that is written over costs more than one that is new.
Result<> Views::write_batch(std::int64_t now, bool idle, const std::function<bool()>& over) {
  while (!ended_.empty() && !over()) TRY(write_first_ended());
  while (ended_.empty() && !plans_.empty() && (idle || live_left_-- > 0) && !over()) {
    auto next = plans_.upper_bound(written_last_);  // in turns, so that none waits for ever
    if (next == plans_.end()) next = plans_.begin();
    written_last_ = next->first;
    const std::int64_t started = platform::now().boot_ms;
    TRY(write_due(written_last_));
    const std::int64_t took = platform::now().boot_ms - started;
    if (took > k_slice_ms) batch_next_ms_ = now + k_pause_factor * took;
  }
  if (!ended_.empty() || (idle && !plans_.empty())) return {};
  TRY(compare_some());
  batch_next_ms_ = std::max(batch_next_ms_, now + world_.config.view_interval_ms);
  return {};
}

Result<> Views::write_rest(std::int64_t boot_ms) {
  for (std::int64_t now = platform::now().boot_ms; beside() > 0 && now < boot_ms; now = platform::now().boot_ms) {
    writer_->wait_for_some(boot_ms - now);
    TRY(take_written());
  }
  while (!ended_.empty() && platform::now().boot_ms < boot_ms) TRY(write_first_ended());
  while (!plans_.empty() && platform::now().boot_ms < boot_ms) TRY(write_due(std::string(plans_.begin()->first)));
  estimates_next_ms_ = 0;
  processes_.pause_until(0);
  TRY(write_processes_when_due(platform::now().boot_ms));
  return write_estimates_when_due(boot_ms);
}

// After a start, or when notices were lost, the files of live tasks may be older than the journal, edited or gone.
Result<> Views::compare_some() {
  const std::int64_t begin = platform::now().boot_ms;
  while (!compare_.empty() && platform::now().boot_ms - begin < k_slice_ms) {
    const std::string task_id = compare_.back();
    const core::Task* task = world_.core.task(task_id);
    if (task != nullptr && !late_.contains(task_id)) TRY(settle(task_id, nullptr, compare(*task)));
    compare_.pop_back();
  }
  return {};
}

void Views::noticed(const std::string& path) {
  if (own_.erase(path) > 0) return;
  const bool is_view = path.starts_with(paths::k_state_folder)
                           ? path == paths::k_state || path == paths::k_estimates || path == paths::k_processes
                           : path.ends_with(".json") || path.ends_with(".md");
  if (!is_view) return;
  const auto last = restored_.find(path);
  const std::int64_t at = last == restored_.end() ? 0 : last->second + k_restore_pause_ms;
  restore_.try_emplace(path, std::max(at, world_.now.boot_ms + world_.config.view_interval_ms));
}

Result<> Views::put_back_due(std::int64_t now, Turn& turn) {
  std::erase_if(restored_, [now](const auto& each) { return each.second + k_restore_pause_ms <= now; });
  for (auto at = restore_.begin(); at != restore_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    auto done = put_back(at->first, turn);
    if (!done && done.error().code == ErrorCode::no_space) return done;
    if (done) {
      at = restore_.erase(at);
      continue;
    }
    log::warn({"cannot put back ", at->first, ": ", done.error().message});
    at->second = now + k_restore_pause_ms;
  }
  return {};
}

Result<> Views::write(const protocol::StateView& state, bool idle, Turn& turn) {
  const std::int64_t begin = platform::now().boot_ms;
  const auto took = [begin] { return platform::now().boot_ms - begin; };
  const auto over = [&took] { return took() >= k_slice_ms; };
  Result<> done;
  // The state of very many tasks takes milliseconds: where others have taken some, it has a call of its own.
  if (std::exchange(state_first_, false)) {
    write_state_when_due(state, begin, done);
    return done;
  }
  take_late(begin);
  done = feed_writer();
  refill(begin);
  if (done) done = write_fresh(begin, over);
  if (done && begin >= failed_until_ms_) done = write_ended(over);
  if (done && begin >= batch_next_ms_) done = write_batch(begin, idle, over);
  if (done) done = write_estimates_when_due(begin);
  if (done) done = put_back_due(begin, turn);
  if (done) done = write_processes_when_due(platform::now().boot_ms);
  state_first_ = state_due_ && begin >= state_next_ms_ && took() >= k_beside_state_ms;
  if (!state_first_) write_state_when_due(state, begin, done);
  return done;
}

void Views::write_state_when_due(const protocol::StateView& state, std::int64_t now, Result<>& done) {
  if (!state_due_ || now < state_next_ms_) return;
  const auto written = write_state(state);
  if (written) return world_.remarks.clear(k_state_unwritable);
  if (done && written.error().code == ErrorCode::no_space) done = written;
  state_next_ms_ = now + k_late_first_ms;
  if (written.error().code != ErrorCode::no_space) world_.remarks.raise(k_state_unwritable, written.error().message);
}

// Few wait for it: it is no matter when the loop has other work.
Result<> Views::write_estimates_when_due(std::int64_t now) {
  if (!estimates_due_ || now < estimates_next_ms_) return {};
  estimates_next_ms_ = now + k_estimates_pause_ms;
  const auto written = put(std::string(paths::k_estimates), protocol::write_estimates(world_.core.catalogue().durations));
  if (!written && written.error().code == ErrorCode::no_space) return outcome(written);
  if (!written) log::warn({written.error().message, "; tried again by itself"});
  estimates_due_ = !written;
  return {};
}

Result<> Views::write_processes_when_due(std::int64_t now) {
  const auto document = processes_.take(now);
  if (!document) return {};
  const auto written = put(std::string(paths::k_processes), *document);
  if (written) {
    processes_file_ = written->identity;
    return {};
  }
  processes_.forget();
  processes_.pause_until(now + k_late_first_ms);
  if (written.error().code == ErrorCode::no_space) return outcome(written);
  log::warn({written.error().message, "; tried again by itself"});
  return {};
}

Result<> Views::write_state(const protocol::StateView& state) {
  const std::int64_t begin = platform::now().boot_ms;
  TRY_VALUE(const platform::Stat written, put(std::string(paths::k_state), state_.write(world_.core, state)));
  state_file_ = written.identity;
  const std::int64_t end = platform::now().boot_ms;
  state_due_ = false;
  state_next_ms_ = end + std::max(world_.config.view_interval_ms, k_pause_factor * (end - begin));
  return {};
}

void Views::remember_into(store::Commit& commit) {
  commit.views_done.insert(commit.views_done.end(), done_.begin(), done_.end());
  done_.clear();
}

}  // namespace baton::service
