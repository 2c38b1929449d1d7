// baton watch: live progress on a terminal, feed lines elsewhere. Woken by the files, at most ten times a second.
#include <poll.h>
#include <unistd.h>
#include <optional>

#include "base/text.h"
#include "front/await.h"
#include "front/caller.h"
#include "front/feed_reader.h"
#include "front/lookup.h"
#include "front/picture.h"
#include "front/screen.h"
#include "front/standing.h"
#include "front/verbs.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_least_pause_ms = 100;
constexpr std::size_t k_recent = 5;   // feed lines below the picture
constexpr std::size_t k_before = 10;  // feed lines before the first new one

bool is_about(const std::string& line, const std::string& task_id) {
  const auto event = read_event(line);
  return event && event->task_id == task_id;
}

class Watcher {
 public:
  Watcher(Context& context, const Folder& folder, std::string task_id)
      : context_(context), folder_(folder), id_(std::move(task_id)), feed_(folder) {}

  Result<int> run();

 private:
  Result<bool> look();
  Result<> read_feed();
  bool has_ended() const { return plan_ && is_final_status(plan_->status); }

  Context& context_;
  const Folder& folder_;
  std::string id_;  // empty = everything
  FeedReader feed_;
  std::optional<Screen> screen_;
  std::optional<PlanView> plan_;
  std::vector<std::string> recent_;
};

Result<> Watcher::read_feed() {
  for (;;) {
    TRY_VALUE(auto lines, feed_.next());
    if (lines.empty()) return {};
    for (std::string& line : lines) {
      if (!id_.empty() && !is_about(line, id_)) continue;
      if (screen_)
        recent_.push_back(std::move(line));
      else if (context_.out.json())
        context_.out.raw(line + "\n");
      else
        context_.out.line(event_text(context_.out, line));
    }
    if (recent_.size() > k_recent) recent_.erase(recent_.begin(), recent_.end() - static_cast<std::ptrdiff_t>(k_recent));
  }
}

/// True when there is nothing more to wait for.
Result<bool> Watcher::look() {
  if (!id_.empty())
    if (auto loaded = load_plan(folder_, id_)) {
      plan_ = std::move(loaded->plan);
      if (screen_) add_workers(folder_, *plan_);
    }
  TRY(read_feed());  // after the plan: its last lines stand in the feed before it says that it has ended
  if (screen_)
    screen_->draw(picture(context_.out, folder_, plan_ ? &*plan_ : nullptr, recent_, screen_->room()));
  else
    context_.out.flush();
  return has_ended();
}

Result<int> Watcher::run() {
  TRY_VALUE(Waiter waiter, Waiter::open(folder_, {"", std::string(paths::k_state_folder), std::string(paths::k_plans)}));
  const CatchInterrupt catching;
  const Caller reader = Caller::reader_of(context_.out.terminal() ? -1 : STDOUT_FILENO);
  if (id_.empty()) TRY(feed_.start_at_end(k_before));
  if (context_.out.terminal()) screen_.emplace(context_.out);
  for (;;) {
    TRY_VALUE(const bool ended, look());
    if (ended || interrupted()) break;
    if (waiter.sleep(std::nullopt, &reader) == Woke::interrupted || reader.gone()) break;
    poll(nullptr, 0, static_cast<int>(k_least_pause_ms));  // what comes in a burst is drawn once
  }
  screen_.reset();
  if (has_ended()) return exit_code_of_plan(*plan_);
  return interrupted() ? exit_code_of_interrupt() : exit_code::k_ok;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  std::string id;  // of the task; empty = everything
  if (context.arguments.has("ID")) {
    TRY_VALUE(Subject subject, find_task(folder, context.arguments.value("ID"), context.out));
    id = std::move(subject.id);
  }
  if (!folder.daemon()) context.out.note("no daemon is running; start it with: baton daemon");
  return Watcher(context, folder, id).run();
}

constexpr Operand k_operands[] = {{"ID", "only this task; ends with it", false}};
constexpr Example k_examples[] = {
    {"baton watch", "everything, until Ctrl-C"},
    {"baton watch auth", "one task; exit 0 when it completed, 1 when it failed"},
};

}  // namespace

constinit const Verb verbs::k_watch{.name = "watch",
                                    .summary = "Follow the progress live",
                                    .group = Group::begin,
                                    .operands = k_operands,
                                    .examples = k_examples,
                                    .run = run};

}  // namespace baton::front
