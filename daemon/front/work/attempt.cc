#include "front/work/attempt.h"

#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <fstream>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "front/handoff_text.h"
#include "front/lookup.h"
#include "front/work/answer.h"
#include "front/work/pending.h"
#include "front/work/prompt.h"
#include "front/work/pulse.h"
#include "front/work/site.h"
#include "front/worker_spec.h"
#include "platform/lock.h"
#include "platform/loop.h"
#include "platform/process.h"
#include "platform/process_table.h"
#include "protocol/paths.h"
#include "runner/agent.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_look_ms = 250;              // how soon a stop is seen
constexpr std::int64_t k_sign_ms = 1'000;            // between two heartbeats
constexpr std::int64_t k_withdrawn_ms = 2'000;       // between two looks whether the handoff is still ours
constexpr std::int64_t k_stop_grace_ms = 10'000;     // from TERM to KILL
constexpr std::int64_t k_stop_told_ms = 2'000;       // then whoever waits for the end of it is told why
constexpr std::int64_t k_memory_ms = 2'000;          // between two looks at how much it has
constexpr std::int64_t k_memory_grace_ms = 2'000;    // as k_stop_grace_ms, for one that has too much
constexpr std::int64_t k_lock_patience_ms = 20'000;  // whoever cleans up holds the lock for a moment
constexpr std::size_t k_shown_conflicts = 20;
constexpr std::size_t k_shown_summary = 200;                      // bytes
constexpr std::size_t k_largest_result = 1 << 20;                 // bytes; what is longer is no result
constexpr std::string_view k_result_name = ".baton-result.json";  // in a worktree; no commit has it

std::int64_t mono_ms() { return platform::now().mono_ms; }

void add_failure(const Error& error, AttemptEnd& end) { end.message += (end.message.empty() ? "" : "; ") + error.message; }

class Attempt {
 public:
  Attempt(const Workshop& workshop, const Claimed& claimed, platform::Guard& guard, const std::atomic<bool>& stop,
          const std::function<void(const std::string&)>& say)
      : shop_(workshop),
        claimed_(claimed),
        guard_(guard),
        stop_(stop),
        say_(say),
        job_(assignment_of(workshop.master, claimed)),
        name_(runner::worktree_name({job_.task_id, job_.subtask_id, job_.attempt})),
        worker_(worker_of(job_.subtask_id, job_.epoch)) {}

  AttemptEnd run() {
    if (auto begun = begin(); !begun) return stop_ ? leave() : cannot_begin(begun.error());
    watch();
    if (stop_) return leave();
    if (!is_ours()) return withdrawn();
    auto end = conclude();
    if (end) return *end;
    return end.error().code == ErrorCode::waiting ? leave() : cannot_begin(end.error());
  }

 private:
  enum class Keep { no, worktree };
  Result<> take_lock();
  Result<> begin();
  Result<> set_up();
  Result<> start_agent();
  runner::AgentOrder order(std::vector<std::string> argv, std::string prompt) const;
  void watch();
  void end_agent(std::int64_t grace_ms = k_stop_grace_ms);
  std::string excess() const;
  void end_leftovers() const;
  Sign sign(std::string step) const;
  bool is_ours() const;
  std::string result_file() const;
  std::optional<std::string> take_result_file() const;
  AttemptEnd cannot_begin(const Error& error);
  AttemptEnd leave();
  AttemptEnd withdrawn();
  Result<AttemptEnd> conclude();
  Result<> merge(AgentAnswer& answer, bool confirmed);
  void hand_in(const AgentAnswer& answer, AttemptEnd& end) const;
  AttemptEnd report_failure(const AgentAnswer& answer);
  Result<AttemptEnd> report_success(const AgentAnswer& answer);
  Result<> hand_back();
  AttemptEnd finish(AttemptEnd::How how, std::string message, Keep keep = Keep::no);

  const Workshop& shop_;
  const Claimed& claimed_;
  platform::Guard& guard_;
  const std::atomic<bool>& stop_;
  const std::function<void(const std::string&)>& say_;
  Assignment job_;
  std::string name_, worker_;
  std::optional<platform::Lock> lock_;  // of this attempt, for its life: who finds it free may clean up
  std::optional<Site> site_;
  std::optional<runner::Agent> agent_;
  std::string ended_for_;  // why its agent was ended, when that was its own fault
};

Site::Wish wish_of(const Folder& folder, const HandoffView& handoff, const std::string& subtask_id) {
  Site::Wish wish{handoff.worker_type == "fix-executor" && handoff.attempt > 1, {}, 0};
  for (const UpstreamView& each : handoff.upstream) wish.upstream.push_back(each.subtask_id);
  if (const auto loaded = load_subtask(folder, subtask_id)) wish.stage = loaded->subtask.stage;
  return wish;
}

/// waiting: somebody else has it and keeps it.
Result<> Attempt::take_lock() {
  const std::string path = shop_.agent_file(name_, ".lock");
  for (const std::int64_t end = mono_ms() + k_lock_patience_ms;;) {
    auto lock = platform::Lock::take(path, k_agent_lock_mode);
    if (lock) {
      lock_ = std::move(*lock);
      return {};
    }
    if (lock.error().code != ErrorCode::refused) return tl::make_unexpected(std::move(lock).error());
    if (stop_ || mono_ms() > end) return fail(ErrorCode::waiting, "another `baton work` is still at " + name_);
    ::poll(nullptr, 0, static_cast<int>(k_look_ms));
  }
}

Result<> Attempt::begin() {
  TRY(take_lock());
  TRY(guard_.begin());
  TRY(write_worker_spec(shop_.folder, worker_, job_, {0, shop_.agent_file(name_, ".log")}));
  std::optional<Pulse> pulse;
  if (shop_.worktrees) pulse.emplace(shop_.folder, worker_, Sign{.step = "makes its worktree ready"});
  TRY_VALUE(site_, Site::prepare(shop_, job_, wish_of(shop_.folder, claimed_.handoff, job_.subtask_id), stop_));
  TRY(set_up());
  return start_agent();
}

runner::AgentOrder Attempt::order(std::vector<std::string> argv, std::string prompt) const {
  runner::AgentOrder order;
  order.argv = std::move(argv);
  order.environment = shop_.agent.environment;
  order.cwd = site_->cwd();
  order.prompt = std::move(prompt);
  order.output_file = shop_.agent_file(name_, ".log");
  order.mark = agent_mark(shop_.root, name_);
  return order;
}

/// What makes a fresh worktree usable: `npm ci`, a virtual environment.
Result<> Attempt::set_up() {
  if (!site_->in_worktree()) return {};
  for (const std::vector<std::string>& command : shop_.agent.setup) {
    runner::AgentOrder wanted = order(command, "");
    wanted.starts_services = true;
    TRY_VALUE(agent_, runner::Agent::start(wanted, guard_));
    watch();
    if (stop_) return fail(ErrorCode::waiting, "stopped");
    const int code = agent_->exit()->code;
    const std::string words = agent_->news().answer;
    const std::string excess = std::exchange(ended_for_, {});
    agent_.reset();
    if (!excess.empty())
      return fail(ErrorCode::io, "the setup command " + text::printable(text::join(command, " ")) + " was ended: " + excess);
    if (code != 0)
      return fail(ErrorCode::io, "the setup command " + text::printable(text::join(command, " ")) + " ended with exit code " +
                                     std::to_string(code) + (words.empty() ? "" : ": " + text::ellipsis(words, 500)));
  }
  return {};
}

/// Where a sandbox lets an agent write.
std::string Attempt::result_file() const {
  return site_->in_worktree() ? site_->cwd() + "/" + std::string(k_result_name) : shop_.agent_file(name_, ".result.json");
}

/// It is gone afterwards: no commit may have it, and no later attempt find it.
std::optional<std::string> Attempt::take_result_file() const {
  const std::string path = result_file();
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(k_largest_result, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  ::unlink(path.c_str());
  return bytes;
}

Result<> Attempt::start_agent() {
  const PromptPlaces places{site_->cwd(), shop_.agent_file(name_, ".md"), result_file(), shop_.root + "/" + claimed_.path};
  static_cast<void>(take_result_file());
  std::string prompt = agent_prompt(shop_.prompt_template, prompt_of(claimed_.handoff), places, site_->conflicts());
  TRY(shop_.folder.put(std::string(paths::k_agents), name_ + ".md", prompt, platform::Replace::yes));
  std::vector<std::string> argv = agent_command(shop_.agent.argv, places);
  const std::string program = text::printable(argv.front());
  TRY_VALUE(agent_, runner::Agent::start(order(std::move(argv), std::move(prompt)), guard_));
  if (site_->in_worktree())
    TRY(give_sign(shop_.folder, worker_, {.step = "starts", .pid = agent_->pid(), .worktree = site_->cwd()}));
  else
    TRY(write_worker_spec(shop_.folder, worker_, job_, {agent_->pid(), shop_.agent_file(name_, ".log"), "starts"},
                          platform::Replace::yes));  // written just now: nothing in it is another's
  say_(job_.subtask_id + ": " + program + " is at work" + (site_->conflicts().empty() ? "" : " on a merge conflict"));
  return {};
}

/// In claimed/, for the same epoch. Whoever takes it away wants it back; what cannot be read now is not taken away.
bool Attempt::is_ours() const {
  const auto bytes = shop_.folder.read(claimed_.path);
  if (!bytes) return bytes.error().code != ErrorCode::not_found;
  const auto handoff = read_handoff_view(*bytes);
  return !handoff || handoff->epoch == job_.epoch;
}

/// What it does, with what the agent says that it has used so far.
Sign Attempt::sign(std::string step) const {
  const runner::AgentNews& news = agent_->news();
  return {.step = std::move(step), .tokens = news.tokens, .cost_usd = news.cost_usd};
}

/// Why it must not go on: all its processes together have more memory than they may. What they share counts once; to know that
/// takes time, so it is looked at only where the simple sum is too much. Empty: they have not.
std::string Attempt::excess() const {
  const std::int64_t limit = shop_.agent.memory_limit;
  if (limit == 0) return {};
  const auto table = platform::ProcessTable::read();
  const auto family = table.descendants_of(guard_.pid());
  if (family.members.empty()) return {};
  std::int64_t used = family.rss_bytes - family.members.front()->rss_bytes;  // the guard is not the agent's
  if (used <= limit) return {};
  used = 0;
  for (const platform::ProcessRow* each : family.members)
    if (each != family.members.front()) used += platform::read_proportional_bytes(each->pid).value_or(each->rss_bytes);
  if (used <= limit) return {};
  return "its processes had " + format_size(used) + " of memory, more than the memory_limit of " + format_size(limit) + " in " +
         paths::master_config(shop_.master);
}

/// It lives as long as it prints; that it computes in silence the daemon sees for itself.
void Attempt::watch() {
  std::int64_t signed_at = 0;
  std::int64_t looked_at = mono_ms();
  std::int64_t measured_at = looked_at;
  bool printed = false;  // something of which no sign was given yet
  while (!agent_->exit()) {
    printed = agent_->wait(k_look_ms) || printed;
    const std::int64_t now = mono_ms();
    if (printed && now - signed_at >= k_sign_ms) {
      signed_at = now;
      printed = false;
      static_cast<void>(give_sign(shop_.folder, worker_, sign(agent_->news().step)));
    }
    if (stop_) return end_agent();
    if (now - measured_at >= k_memory_ms) {
      measured_at = now;
      ended_for_ = excess();
      if (!ended_for_.empty()) return end_agent(k_memory_grace_ms);
    }
    if (now - looked_at < k_withdrawn_ms) continue;
    looked_at = now;
    if (!is_ours()) return end_agent();
  }
}

void Attempt::end_agent(std::int64_t grace_ms) {
  const std::int64_t begin = mono_ms();
  bool told = false;
  agent_->signal(SIGTERM);
  while (!agent_->exit() && mono_ms() < begin + grace_ms) {
    agent_->wait(k_look_ms);
    if (told || agent_->exit() || mono_ms() < begin + k_stop_told_ms) continue;
    told = true;
    say_(job_.subtask_id + ": its agent goes on after the signal TERM; it is killed in " +
         std::to_string((grace_ms - k_stop_told_ms) / 1'000) + " s");
  }
  if (!agent_->exit()) agent_->signal(SIGKILL);
  while (!agent_->exit()) agent_->wait(k_look_ms);
  end_leftovers();
}

/// What it started would go on writing. Its guard has ended all of that, but when it was killed itself, which looks as if the
/// agent was, or is not seen between a setup and the agent; who carries the mark is looked for then, among all processes.
void Attempt::end_leftovers() const {
  if (agent_->exit()->signalled || !shop_.agent.setup.empty()) platform::end_marked({agent_mark(shop_.root, name_)});
}

/// Before anybody hears of the end: whoever goes on with the work finds it kept.
AttemptEnd Attempt::finish(AttemptEnd::How how, std::string message, Keep keep) {
  if (agent_ && !agent_->exit()) end_agent();
  if (site_ && site_->in_worktree() && !shop_.agent.setup.empty())
    guard_.clear();  // a setup may have left services where no agent came after it
  if (site_ && keep == Keep::no) {
    static_cast<void>(site_->commit("Unfinished: " + job_.subtask_id));
    const auto rescue = site_->clear();
    if (!rescue) message += "; its worktree stays: " + rescue.error().message;
    if (rescue && !rescue->empty()) message += "; its work is kept as " + *rescue;
  }
  if (lock_ && keep == Keep::no) ::unlink(shop_.agent_file(name_, ".lock").c_str());
  return {how, job_, std::move(message)};
}

/// Last of all, so that the next one who takes it finds everything done. Only what is still ours.
Result<> Attempt::hand_back() {
  static_cast<void>(shop_.folder.files().remove(paths::worker_spec(paths::k_workers_active, worker_)));
  return is_ours() ? give_back(shop_.folder, shop_.master, claimed_.path) : Result<>{};
}

AttemptEnd Attempt::leave() {
  if (site_) site_->leave_open();
  AttemptEnd end = finish(AttemptEnd::How::given_back, "given back");
  if (const auto given = hand_back(); !given) end.message = given.error().message;
  return end;
}

AttemptEnd Attempt::withdrawn() { return finish(AttemptEnd::How::withdrawn, "it was withdrawn"); }

/// What another try may change is tried again, what it would not a person has to look at; what is only short is given back.
AttemptEnd Attempt::cannot_begin(const Error& error) {
  if (error.code == ErrorCode::no_space || error.code == ErrorCode::waiting) {
    AttemptEnd end = finish(AttemptEnd::How::given_back, error.message);
    if (const auto given = hand_back(); !given) end.message += "; " + given.error().message;
    end.may_go_later = true;
    return end;
  }
  AgentAnswer answer;
  answer.error = error.message + (error.hint.empty() ? "" : " (" + error.hint + ")");
  const bool is_of_the_moment = error.code == ErrorCode::io || error.code == ErrorCode::timed_out;
  answer.failure_class = is_of_the_moment ? core::FailureClass::transient : core::FailureClass::permanent;
  return report_failure(answer);
}

Result<AttemptEnd> Attempt::conclude() {
  std::optional<Pulse> pulse;
  if (site_->in_worktree()) pulse.emplace(shop_.folder, worker_, sign("brings its work together with the others'"));
  end_leftovers();
  AgentEnd end;
  end.exit = *agent_->exit();
  end.ended_for = ended_for_;
  end.news = agent_->news();
  end.result_file = take_result_file();
  end.in_worktree = site_->in_worktree();
  end.worker_type = claimed_.handoff.worker_type;
  end.had_conflicts = !site_->conflicts().empty();
  auto changed = site_->commit(claimed_.handoff.title + "\n\nSubtask: " + job_.subtask_id + "\n");
  if (!changed) return tl::make_unexpected(std::move(changed).error());
  end.changed = std::move(*changed);
  AgentAnswer answer = judge(end);
  if (answer.completed) TRY(merge(answer, end.result_file.has_value()));
  if (!answer.completed) return report_failure(answer);
  return report_success(answer);
}

/// Its work has to go together with what others did meanwhile before it counts.
Result<> Attempt::merge(AgentAnswer& answer, bool confirmed) {
  TRY_VALUE(std::vector<std::string> conflicts,
            site_->deliver("Merge " + job_.subtask_id + ": " + claimed_.handoff.title + "\n", confirmed, stop_));
  answer.outcome.worktree = site_->worktree();
  if (conflicts.empty()) return {};
  answer.completed = false;
  const std::size_t more = conflicts.size() - std::min(conflicts.size(), k_shown_conflicts);
  conflicts.resize(conflicts.size() - more);
  answer.error = "its work conflicts with what others did meanwhile, in " + text::printable(text::join(conflicts, ", ")) +
                 (more == 0 ? "" : " and " + std::to_string(more) + " more");
  answer.failure_class = core::FailureClass::conflict;
  return {};
}

AttemptEnd Attempt::report_failure(const AgentAnswer& answer) {
  AttemptEnd end = finish(AttemptEnd::How::failed, answer.error);
  hand_in(answer, end);
  return end;
}

void Attempt::hand_in(const AgentAnswer& answer, AttemptEnd& end) const {
  auto put = put_answer(shop_.folder, job_, document_of(job_, answer));
  if (put)
    end.handed_in = std::move(*put);
  else
    add_failure(put.error(), end);
}

/// Whatever became of the document: the subtask says whether this work counts.
Result<AttemptEnd> Attempt::report_success(const AgentAnswer& answer) {
  if (!site_->in_worktree()) {
    AttemptEnd end = finish(AttemptEnd::How::completed, text::ellipsis(answer.outcome.summary, k_shown_summary));
    hand_in(answer, end);
    return end;
  }
  const auto filed = file_answer(shop_.folder, job_, document_of(job_, answer));
  const std::string summary = filed ? text::ellipsis(answer.outcome.summary, k_shown_summary) : filed.error().message;
  // Where no checkpoint looks at it, it counts as soon as it is taken: others wait to merge.
  const bool counts = filed && *filed && claimed_.handoff.checkpoint.empty();
  const std::optional<bool> good = counts ? std::optional(true) : await_verdict(shop_.folder, job_.subtask_id, job_.epoch, stop_);
  if (!good) {
    site_->leave_open();
    return finish(AttemptEnd::How::completed, "whether it counts is still open", Keep::worktree);
  }
  TRY(site_->settle(*good));
  if (!*good) return finish(AttemptEnd::How::failed, filed ? "its checkpoint did not pass" : summary);
  return finish(AttemptEnd::How::completed, summary, Keep::worktree);
}

}  // namespace

void learn_what_became(const Folder& folder, AttemptEnd& end) {
  if (!end.handed_in) return;
  if (const auto filed = await_filing(folder, *end.handed_in); !filed) add_failure(filed.error(), end);
  end.handed_in.reset();
}

AttemptEnd work_on(const Workshop& workshop, const Claimed& claimed, platform::Guard& guard, const std::atomic<bool>& stop,
                   const std::function<void(const std::string&)>& say) {
  const std::int64_t began = mono_ms();
  AttemptEnd end = Attempt(workshop, claimed, guard, stop, say).run();
  end.took_ms = mono_ms() - began;
  return end;
}

}  // namespace baton::front
