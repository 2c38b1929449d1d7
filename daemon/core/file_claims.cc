#include "core/file_claims.h"

#include <algorithm>

#include "base/result.h"

namespace baton::core {
namespace {

bool is_workspace(std::string_view path) { return path.empty() || path == "."; }

}  // namespace

bool ByUrgency::operator()(const Candidate& a, const Candidate& b) const {
  if (a.key != b.key) return a.key < b.key;
  const Subtask& left = *a.subtask;
  const Subtask& right = *b.subtask;
  return std::tie(left.task_id, left.stage, left.order, left.spec.id) <
         std::tie(right.task_id, right.stage, right.order, right.spec.id);
}

std::string FileClaims::scope(const Subtask& subtask) const {
  return rule_ == FileConflicts::plan ? subtask.task_id : std::string();
}

const Subtask* FileClaims::holder_of(const Subtask& subtask, const std::string& path) const {
  const auto counts = [this, &subtask](const Subtask* holder) {
    return holder != &subtask && (rule_ == FileConflicts::all || holder->task_id == subtask.task_id);
  };
  const auto first = [&counts](const std::vector<const Subtask*>& holders) -> const Subtask* {
    const auto found = std::find_if(holders.begin(), holders.end(), counts);
    return found == holders.end() ? nullptr : *found;
  };
  if (is_workspace(path)) {
    for (const auto& [held, holders] : held_)
      if (const Subtask* holder = first(holders)) return holder;
    return nullptr;
  }
  // The path itself and every folder above it, the workspace last.
  for (std::string_view above = path;;) {
    if (const auto found = held_.find(above); found != held_.end())
      if (const Subtask* holder = first(found->second)) return holder;
    if (above.empty()) break;
    const std::size_t slash = above.rfind('/');
    above = slash == std::string_view::npos ? std::string_view() : above.substr(0, slash);
  }
  // Everything below it.
  const std::string folder = path + '/';
  for (auto below = held_.lower_bound(folder); below != held_.end() && below->first.starts_with(folder); ++below)
    if (const Subtask* holder = first(below->second)) return holder;
  return nullptr;
}

FileClaims::Obstacle FileClaims::obstacle(const Subtask& subtask) const {
  if (rule_ == FileConflicts::off) return {};
  for (const std::string& path : subtask.spec.files_affected)
    if (const Subtask* holder = holder_of(subtask, path)) return {holder, path};
  return {};
}

void FileClaims::take(const Subtask& subtask) {
  for (const std::string& path : subtask.spec.files_affected)
    held_[is_workspace(path) ? std::string() : path].push_back(&subtask);
  if (const auto led = leads_.find(&subtask); led != leads_.end()) {
    const GroupKey key = led->second;
    leads_.erase(led);
    close(key, subtask);
  }
}

std::vector<Candidate> FileClaims::give_back(const Subtask& subtask) {
  for (const std::string& path : subtask.spec.files_affected) {
    const auto held = held_.find(is_workspace(path) ? std::string_view() : std::string_view(path));
    if (held == held_.end()) continue;  // listed twice
    std::erase(held->second, &subtask);
    if (held->second.empty()) held_.erase(held);
  }
  std::vector<Candidate> awake;
  if (const auto blocked = blocked_by_.find(&subtask); blocked != blocked_by_.end()) {
    const std::set<GroupKey> keys = std::move(blocked->second);
    blocked_by_.erase(blocked);
    for (const GroupKey& key : keys) wake(key, awake);
  }
  return awake;
}

std::vector<Candidate> FileClaims::park(const Candidate& candidate, const Obstacle& obstacle) {
  const GroupKey key{scope(*candidate.subtask), std::string(obstacle.wanted), candidate.subtask->spec.assigned_to};
  std::vector<Candidate> awake;
  if (const auto led = leads_.find(candidate.subtask); led != leads_.end()) {
    const GroupKey before = led->second;
    leads_.erase(led);
    // Nobody else of its group could get that path either; those behind it may when it was another path.
    if (before != key) wake(before, awake);
  }
  Group& group = groups_[key];
  group.waiting.insert(candidate);
  parked_.emplace(candidate.subtask, key);
  if (group.holder == nullptr) close(key, *obstacle.holder);
  return awake;
}

std::vector<Candidate> FileClaims::withdraw(const Candidate& candidate) {
  std::vector<Candidate> awake;
  if (const auto parked = parked_.find(candidate.subtask); parked != parked_.end()) {
    const GroupKey key = parked->second;
    parked_.erase(parked);
    const auto group = groups_.find(key);
    BATON_ASSERT(group != groups_.end());
    const auto removed = group->second.waiting.erase(candidate);
    BATON_ASSERT(removed == 1);
    if (group->second.waiting.empty()) {
      if (group->second.holder != nullptr) blocked_by_[group->second.holder].erase(key);
      groups_.erase(group);
    }
  } else if (const auto led = leads_.find(candidate.subtask); led != leads_.end()) {
    const GroupKey key = led->second;
    leads_.erase(led);
    wake(key, awake);
  }
  return awake;
}

void FileClaims::close(const GroupKey& key, const Subtask& holder) {
  const auto group = groups_.find(key);
  if (group == groups_.end()) return;  // nobody is left who waits
  group->second.holder = &holder;
  blocked_by_[&holder].insert(key);
}

void FileClaims::wake(const GroupKey& key, std::vector<Candidate>& awake) {
  const auto group = groups_.find(key);
  if (group == groups_.end()) return;
  Candidates& waiting = group->second.waiting;
  const Candidate next = *waiting.begin();
  waiting.erase(waiting.begin());
  group->second.holder = nullptr;
  parked_.erase(next.subtask);
  leads_.emplace(next.subtask, key);
  if (waiting.empty()) groups_.erase(group);
  awake.push_back(next);
}

}  // namespace baton::core
