#include "platform/ending.h"

#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <utility>

namespace baton::platform {
namespace {

constexpr std::int64_t k_look_ms = 100;       // at a cgroup that was killed: it has no descriptor to wait for
constexpr std::int64_t k_start_blur_ms = 50;  // the kernel tells a start in ticks

std::string described(pid_t pid, const std::string& name) { return "the process " + std::to_string(pid) + " (" + name + ")"; }

}  // namespace

Result<Ending> Ending::begin(LiveProcess worker, EndingTerms terms, std::int64_t now) {
  const pid_t pid = worker.pid();
  if (!worker.is_of_this_user())
    return fail(ErrorCode::refused, described(pid, worker.row().name) + " belongs to user " +
                                        std::to_string(worker.owner().real_uid) + ": it is not signalled");
  Ending ending(std::move(terms), now);
  ending.worker_ = worker.identity();
  const ProcessTable table = ProcessTable::read();
  if (worker.row().group == pid) ending.group_spared_ = ending.stranger_in_group(table);
  ending.leads_group_ = worker.row().group == pid && ending.group_spared_.empty();
  ending.held_.push_back({std::move(worker), true, {}});
  if (ending.leads_group_) ending.take_group(table);
  ending.take_descendants(table);
  ending.own_cgroup(table);
  ending.signal_all();
  return ending;
}

Ending Ending::begin_after_exit(const ProcessIdentity& worker, std::int64_t alive_at, EndingTerms terms, std::int64_t now) {
  Ending ending(std::move(terms), now);
  ending.worker_ = worker;
  ending.take_remains(ProcessTable::read(), alive_at);
  ending.signal_all();
  return ending;
}

// A number is not given again as long as somebody is in the group of that number. So it is still the worker's group when the
// worker was not waited for, or when one of its members was there while the worker lived.
void Ending::take_remains(const ProcessTable& table, std::int64_t alive_at) {
  const std::vector<const ProcessRow*> members = remains_of(table, worker_);
  if (members.empty()) return;
  const bool is_its = table.find(worker_.pid) != nullptr || std::ranges::any_of(members, [alive_at](const ProcessRow* member) {
                        return start_boot_ms(member->start_ticks) + k_start_blur_ms < alive_at;
                      });
  group_spared_ = stranger_in_group(table);
  leads_group_ = is_its && group_spared_.empty();
  is_unproven_ = !is_its;
  if (leads_group_) take_group(table);
}

std::vector<const ProcessRow*> remains_of(const ProcessTable& table, const ProcessIdentity& worker) {
  const ProcessRow* leader = table.find(worker.pid);
  if (leader != nullptr && leader->start_ticks != worker.start_ticks) return {};  // the number was given again
  std::vector<const ProcessRow*> members = table.group(worker.pid);
  std::erase_if(members, [&](const ProcessRow* member) {
    return member->pid == worker.pid || member->state == 'Z' || member->state == 'X';
  });
  return members;
}

/// Why the group is not the worker's alone; empty when it is.
std::string Ending::stranger_in_group(const ProcessTable& table) const {
  const std::vector<pid_t> line = table.line_of(::getpid());
  const std::set<pid_t> masters = masters_in(table);
  for (const ProcessRow* member : table.group(worker_.pid)) {
    const std::string who = "its group holds " + described(member->pid, member->name);
    if (std::ranges::find(line, member->pid) != line.end()) return who + ", which this program is or descends from";
    if (terms_.bystanders.contains(member->pid)) return who + ", which is another worker";
    if (masters.contains(member->pid)) return who + ", which has started a worker";
  }
  return {};
}

/// Whoever has started a worker, this one or another, itself or through others.
std::set<pid_t> Ending::masters_in(const ProcessTable& table) const {
  std::set<pid_t> workers = terms_.bystanders;
  workers.insert(worker_.pid);
  std::set<pid_t> masters;
  for (const pid_t worker : workers)
    for (const pid_t above : table.line_of(worker))
      if (above != worker) masters.insert(above);
  masters.erase(worker_.pid);
  return masters;
}

bool Ending::holds(pid_t pid) const {
  return std::ranges::any_of(held_, [pid](const Held& held) { return held.process.pid() == pid; });
}

void Ending::take_group(const ProcessTable& table) {
  for (const ProcessRow* member : table.group(worker_.pid))
    if (!holds(member->pid) && held_.size() < k_max_members) take(member->pid, true);
}

// What descends from it outside its group is not signalled, but it is seen whether that ends, too.
void Ending::take_descendants(const ProcessTable& table) {
  for (const ProcessRow* member : table.descendants_of(worker_.pid, k_max_members).members)
    if (!holds(member->pid) && !is_beneath_bystander(table, member->pid)) take(member->pid, false);
}

bool Ending::is_beneath_bystander(const ProcessTable& table, pid_t pid) const {
  for (const pid_t above : table.line_of(pid)) {
    if (above == worker_.pid) return false;
    if (terms_.bystanders.contains(above)) return true;
  }
  return false;
}

void Ending::take(pid_t pid, bool may_signal) {
  auto process = LiveProcess::open(pid);
  if (!process) {
    if (process.error().code != ErrorCode::not_found)
      beyond_reach_.push_back({pid, "", "it was not signalled: " + process.error().message});
    return;
  }
  const bool in_group = process->row().group == worker_.pid;  // it may have left meanwhile
  const bool to_signal = may_signal && in_group && process->is_of_this_user();
  held_.push_back({*std::move(process), to_signal, {}});
}

// Whoever is in its cgroup and was forked by somebody who is held belongs to it as well.
void Ending::own_cgroup(const ProcessTable& table) {
  std::set<pid_t> others = masters_in(table);
  others.insert(terms_.bystanders.begin(), terms_.bystanders.end());
  std::set<pid_t> members;
  for (const Held& held : held_)
    if (held.process.is_of_this_user() && !others.contains(held.process.pid())) members.insert(held.process.pid());
  cgroup_ = Cgroup::owned_by(worker_.pid, members);
  if (!cgroup_) around_ = Cgroup::around(worker_.pid);
}

// CONT, because a stopped process would keep TERM for later.
void Ending::signal(Held& held) {
  const Result<> sent = held.process.signal(killing_ ? SIGKILL : SIGTERM);
  held.failure = sent ? std::string() : sent.error().message;
  if (sent && killing_) killed_ = true;
  if (sent && !killing_) (void)held.process.signal(SIGCONT);
}

void Ending::signal_all(std::size_t from) {
  for (std::size_t i = from; i < held_.size(); ++i)
    if (held_[i].to_signal) signal(held_[i]);
}

void Ending::forget_exited() {
  ended_ += static_cast<int>(std::erase_if(held_, [](const Held& held) { return held.process.exited(); }));
}

// The number of a group is not given again as long as somebody is in it, or its leader was not waited for: the group is still the
// worker's if one of these can be seen.
bool Ending::group_is_its() const {
  const auto leader = read_process(worker_.pid);
  if (leader && leader->start_ticks == worker_.start_ticks) return true;
  return std::ranges::any_of(held_, [this](const Held& held) {
    const auto row = read_process(held.process.pid());
    return row && row->group == worker_.pid && !held.process.exited();
  });
}

bool Ending::is_awaited() const {
  if (cgroup_ && !cgroup_->is_empty()) return true;
  return std::ranges::any_of(held_, [this](const Held& held) { return held.to_signal || !killing_; });
}

void Ending::kill(std::int64_t now) {
  killing_ = true;
  give_up_at_ = now + k_confirm_ms;
  if (leads_group_ && group_is_its()) take_group(ProcessTable::read());
  signal_all();
  if (!cgroup_) return;
  if (!cgroup_->kill()) return cgroup_.reset();
  killed_ = true;
  for (Held& held : held_) held.to_signal = true;
}

std::vector<int> Ending::fds() const {
  std::vector<int> fds;
  for (const Held& held : held_) fds.push_back(held.process.fd());
  return fds;
}

std::optional<std::int64_t> Ending::deadline() const {
  if (over_) return std::nullopt;
  if (!killing_) return began_ + terms_.kill_grace_ms;
  return cgroup_ ? std::min(give_up_at_, looked_ + k_look_ms) : give_up_at_;
}

std::optional<Ended> Ending::advance(std::int64_t now) {
  if (over_) return std::nullopt;
  looked_ = now;
  // Asked before those that exited are let go: they are what proves whose group it is.
  const bool provable = leads_group_ && group_is_its();
  forget_exited();
  if (!is_awaited() && provable) {
    const std::size_t before = held_.size();
    take_group(ProcessTable::read());  // forked after the last look
    signal_all(before);
  }
  if (!killing_ && now >= began_ + terms_.kill_grace_ms && is_awaited()) kill(now);
  if (is_awaited() && !(killing_ && now >= give_up_at_)) return std::nullopt;
  return finish(now);
}

// Members of a group that bears the worker's number, where nobody proves any more that it is the worker's.
void Ending::note_unproven() {
  const ProcessTable table = ProcessTable::read();
  for (const ProcessRow* member : remains_of(table, worker_))
    if (!holds(member->pid))
      beyond_reach_.push_back({member->pid, member->name, "it was not signalled: whether it is the worker's cannot be proven"});
}

// Who came into its cgroup after it and has no parent there.
std::vector<Leftover> Ending::orphans() const {
  std::vector<Leftover> found;
  if (!around_) return found;
  const std::set<pid_t> beside = around_->processes();
  const ProcessTable table = ProcessTable::read();
  const std::vector<pid_t> line = table.line_of(::getpid());
  for (const pid_t pid : beside) {
    const ProcessRow* row = table.find(pid);
    if (row == nullptr || row->state == 'Z' || row->start_ticks < worker_.start_ticks || beside.contains(row->parent)) continue;
    if (holds(pid) || terms_.bystanders.contains(pid) || std::ranges::find(line, pid) != line.end()) continue;
    found.push_back({pid, row->name, "it is an orphan in the cgroup of the worker: whether it is the worker's cannot be proven"});
  }
  return found;
}

Ended Ending::finish(std::int64_t now) {
  over_ = true;
  std::vector<Leftover> beside = orphans();
  if (leads_group_ || is_unproven_) note_unproven();
  for (const Held& held : held_) {
    std::string why = !held.process.is_of_this_user()
                          ? "it was not signalled: it belongs to user " + std::to_string(held.process.owner().real_uid)
                      : !held.to_signal       ? "it was not signalled: it is not in the worker's group"
                      : !held.failure.empty() ? held.failure
                                              : "it does not react to SIGKILL";
    beyond_reach_.push_back({held.process.pid(), held.process.row().name, std::move(why)});
  }
  held_.clear();
  return {now - began_, killed_, ended_, group_spared_, std::exchange(beyond_reach_, {}), std::move(beside)};
}

}  // namespace baton::platform
