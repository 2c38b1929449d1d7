#include "core/file_claims.h"

#include <utility>

#include "base/result.h"

namespace baton::core {
namespace {

using Held = std::map<std::string, std::vector<const Subtask*>, std::less<>>;

/// The first who writes `path`, something above it or something below it.
const Subtask* holder(const Held& held, std::string_view path) {
  const Subtask* found = nullptr;
  const auto at = [&held, &found](std::string_view where) {
    const auto here = held.find(where);
    if (here != held.end()) found = here->second.front();
    return found != nullptr;
  };
  if (at(path) || any_folder_above(path, at)) return found;
  const std::string folder = path.empty() ? std::string() : std::string(path) + '/';
  const auto below = held.lower_bound(folder);
  return below != held.end() && below->first.starts_with(folder) ? below->second.front() : nullptr;
}

const Subtask* holder_of_any(const Held& held, const Subtask& subtask) {
  for (const std::string& file : subtask.spec.files_affected)
    if (const Subtask* found = holder(held, normal(file))) return found;
  return nullptr;
}

}  // namespace

FileClaims::Scope& FileClaims::scope_of(const Subtask& subtask) {
  return scopes_[rule_ == FileConflicts::plan ? subtask.task_id : std::string()];
}

void FileClaims::close(const Subtask& subtask) {
  if (rule_ != FileConflicts::plan) return;
  if (const auto scope = scopes_.find(subtask.task_id); scope != scopes_.end() && scope->second.empty()) scopes_.erase(scope);
}

FileClaims::Moved FileClaims::want(const Candidate& candidate) {
  if (rule_ == FileConflicts::off || candidate.subtask->spec.files_affected.empty()) return {{candidate}, {}};
  Moved moved;
  Scope& scope = scope_of(*candidate.subtask);
  scope.wanted.add(candidate);
  for (const Candidate& less_urgent : scope.awake.behind(candidate)) {
    scope.awake.remove(less_urgent);
    park(less_urgent, *candidate.subtask, moved);
  }
  look(scope, candidate, moved);
  return moved;
}

void FileClaims::look(Scope& scope, const Candidate& candidate, Moved& moved) {
  const Subtask* blocker = scope.wanted.before(candidate);
  if (blocker == nullptr) blocker = holder_of_any(scope.held, *candidate.subtask);
  if (blocker != nullptr) return park(candidate, *blocker, moved);
  scope.awake.add(candidate);
  moved.awake.push_back(candidate);
}

void FileClaims::park(const Candidate& candidate, const Subtask& blocker, Moved& moved) {
  const bool is_new = waits_for_.emplace(candidate.subtask, &blocker).second;
  BATON_ASSERT(is_new && candidate.subtask != &blocker);
  blocks_[&blocker].insert(candidate);
  moved.parked.push_back(candidate);
}

FileClaims::Moved FileClaims::drop(const Candidate& candidate) {
  if (rule_ == FileConflicts::off || candidate.subtask->spec.files_affected.empty()) return {};
  Moved moved;
  Scope& scope = scope_of(*candidate.subtask);
  scope.wanted.remove(candidate);
  if (const auto parked = waits_for_.find(candidate.subtask); parked != waits_for_.end()) {
    const auto blocked = blocks_.find(parked->second);
    BATON_ASSERT(blocked != blocks_.end());
    blocked->second.erase(candidate);
    if (blocked->second.empty()) blocks_.erase(blocked);
    waits_for_.erase(parked);
  } else {
    scope.awake.remove(candidate);
  }
  wake_behind(scope, *candidate.subtask, moved);
  close(*candidate.subtask);
  return moved;
}

void FileClaims::take(const Candidate& candidate) {
  if (rule_ == FileConflicts::off || candidate.subtask->spec.files_affected.empty()) return;
  BATON_ASSERT(!waits_for_.contains(candidate.subtask));
  Scope& scope = scope_of(*candidate.subtask);
  scope.wanted.remove(candidate);
  scope.awake.remove(candidate);
  for (const std::string& file : candidate.subtask->spec.files_affected)
    scope.held[std::string(normal(file))].push_back(candidate.subtask);
}

FileClaims::Moved FileClaims::give_back(const Subtask& subtask) {
  if (rule_ == FileConflicts::off || subtask.spec.files_affected.empty()) return {};
  Moved moved;
  Scope& scope = scope_of(subtask);
  for (const std::string& file : subtask.spec.files_affected) {
    const auto held = scope.held.find(normal(file));
    if (held == scope.held.end()) continue;  // named twice
    std::erase(held->second, &subtask);
    if (held->second.empty()) scope.held.erase(held);
  }
  wake_behind(scope, subtask, moved);
  close(subtask);
  return moved;
}

void FileClaims::wake_behind(Scope& scope, const Subtask& gone, Moved& moved) {
  const auto blocked = blocks_.find(&gone);
  if (blocked == blocks_.end()) return;
  const Candidates waiting = std::move(blocked->second);
  blocks_.erase(blocked);
  for (const Candidate& candidate : waiting) waits_for_.erase(candidate.subtask);
  for (const Candidate& candidate : waiting) look(scope, candidate, moved);
}

const Subtask* FileClaims::blocker(const Subtask& subtask) const {
  const auto found = waits_for_.find(&subtask);
  return found == waits_for_.end() ? nullptr : found->second;
}

}  // namespace baton::core
