#include "core/path_index.h"

#include <iterator>
#include <tuple>

namespace baton::core {
namespace {

using Paths = std::map<std::string, Candidates, std::less<>>;

void put(Paths& paths, std::string_view path, const Candidate& candidate) {
  auto found = paths.find(path);
  if (found == paths.end()) found = paths.emplace(std::string(path), Candidates()).first;
  found->second.insert(candidate);
}

void take(Paths& paths, std::string_view path, const Candidate& candidate) {
  const auto found = paths.find(path);
  if (found == paths.end()) return;  // named twice
  found->second.erase(candidate);
  if (found->second.empty()) paths.erase(found);
}

}  // namespace

bool ByUrgency::operator()(const Candidate& a, const Candidate& b) const {
  if (a.key != b.key) return a.key < b.key;
  const Subtask& left = *a.subtask;
  const Subtask& right = *b.subtask;
  return std::tie(left.task_id, left.stage, left.order, left.spec.id) <
         std::tie(right.task_id, right.stage, right.order, right.spec.id);
}

std::string_view normal(std::string_view path) { return path == "." ? std::string_view() : path; }

bool any_folder_above(std::string_view path, const std::function<bool(std::string_view)>& visit) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    if (visit(path)) return true;
  }
  return false;
}

void PathIndex::add(const Candidate& candidate) {
  for (const std::string& file : candidate.subtask->spec.files_affected) {
    put(at_, normal(file), candidate);
    any_folder_above(normal(file), [&](std::string_view folder) {
      put(inside_, folder, candidate);
      return false;
    });
  }
}

void PathIndex::remove(const Candidate& candidate) {
  for (const std::string& file : candidate.subtask->spec.files_affected) {
    take(at_, normal(file), candidate);
    any_folder_above(normal(file), [&](std::string_view folder) {
      take(inside_, folder, candidate);
      return false;
    });
  }
}

void PathIndex::overlapping(std::string_view path, const std::function<void(const Candidates&)>& visit) const {
  const auto visit_at = [&](const Paths& paths, std::string_view where) {
    if (const auto found = paths.find(where); found != paths.end()) visit(found->second);
    return false;
  };
  visit_at(at_, path);
  any_folder_above(path, [&](std::string_view folder) { return visit_at(at_, folder); });
  visit_at(inside_, path);
}

const Subtask* PathIndex::before(const Candidate& candidate) const {
  const Candidate* nearest = nullptr;
  const auto consider = [&](const Candidates& candidates) {
    const auto behind = candidates.lower_bound(candidate);
    if (behind == candidates.begin()) return;
    const Candidate& last = *std::prev(behind);
    if (nearest == nullptr || ByUrgency()(*nearest, last)) nearest = &last;
  };
  for (const std::string& file : candidate.subtask->spec.files_affected) overlapping(normal(file), consider);
  return nearest == nullptr ? nullptr : nearest->subtask;
}

Candidates PathIndex::behind(const Candidate& candidate) const {
  Candidates result;
  const auto collect = [&](const Candidates& candidates) { result.insert(candidates.upper_bound(candidate), candidates.end()); };
  for (const std::string& file : candidate.subtask->spec.files_affected) overlapping(normal(file), collect);
  return result;
}

}  // namespace baton::core
