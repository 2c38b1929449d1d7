#include "runner/integration.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "runner/commit.h"
#include "runner/worktrees.h"

namespace baton::runner {
namespace {

std::string ref_of(const std::string& branch) { return "refs/heads/" + branch; }

}  // namespace

Result<Merge> try_merge(const Git& repository, const std::string& tip, const std::string& commit) {
  TRY_VALUE(const GitOutput tried,
            repository.run({"merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", tip, commit}));
  if (tried.code > 1 || tried.text.empty())
    return fail(ErrorCode::refused, "git cannot merge " + commit + " and " + tip + ": " + text::printable(tried.errors));
  std::vector<std::string> parts = text::split(tried.text, '\0');  // the tree, then paths that conflict
  Merge merge{tip, "", {}, parts.front()};
  for (std::size_t i = 1; i < parts.size() && !parts[i].empty(); ++i) merge.conflicts.push_back(std::move(parts[i]));
  // A conflict of whole folders has no path.
  if (tried.code == 1 && merge.conflicts.empty()) merge.conflicts.emplace_back("folders that were renamed");
  return merge;
}

Result<std::string> tip_of(const Git& repository, const std::string& branch) {
  return repository.ask({"rev-parse", "--verify", "--quiet", ref_of(branch) + "^{commit}"});
}

std::optional<Integration> Integration::existing(const Git& repository, const std::string& task_id) {
  std::string branch = integration_branch(task_id);
  auto tip = tip_of(repository, branch);
  if (!tip) return std::nullopt;
  return Integration(repository, std::move(branch), std::move(*tip));
}

Result<Integration> Integration::open(Git repository, const std::string& task_id, const std::string& base) {
  if (std::optional<Integration> known = existing(repository, task_id)) return std::move(*known);
  return begin(std::move(repository), task_id, base);
}

Result<Integration> Integration::begin(Git repository, const std::string& task_id, const std::string& base) {
  Integration integration(std::move(repository), integration_branch(task_id), "");
  TRY(integration.move(base, std::string(base.size(), '0')));
  return integration;
}

Result<> Integration::move(const std::string& to, const std::string& from) {
  TRY(repository_.ask({"update-ref", ref_of(branch_), to, from}));
  tip_ = to;
  return {};
}

/// The result differs from the commit only where the other side has changed something: so what the commit alone has changed is
/// in it as the commit has it.
Result<> Integration::prove(const std::string& base, const std::string& commit, const std::string& merged) const {
  TRY_VALUE(const auto changed, changed_paths(repository_, {{base, tip_}, {commit, merged}}));
  const std::set<std::string> of_others(changed[0].begin(), changed[0].end());
  for (const std::string& path : changed[1])
    if (!of_others.contains(path))
      return fail(ErrorCode::refused,
                  "the merge of " + commit + " into " + branch_ + " lost the change of " + text::printable(path),
                  "merge the two by hand");
  return {};
}

Result<Merge> Integration::prepare(const std::string& commit, const std::string& message) const {
  TRY_VALUE(const std::string base, repository_.ask({"merge-base", tip_, commit}));
  if (base == commit) return Merge{tip_, tip_, {}, ""};  // it is in it; also: nothing was done
  if (base == tip_) return Merge{tip_, commit, {}, ""};
  TRY_VALUE(Merge merge, try_merge(repository_, tip_, commit));
  if (!merge.conflicts.empty()) return merge;
  TRY_VALUE(merge.after, commit_tree(repository_, merge.tree, {tip_, commit}, message));
  TRY(prove(base, commit, merge.after));
  return merge;
}

Result<> Integration::apply(const Merge& merge) { return move(merge.after, merge.before); }

Result<> Integration::take_back(const Merge& merge, const std::string& rescue) {
  if (merge.before == merge.after) return {};
  TRY(repository_.ask({"update-ref", rescue, merge.after}));
  return move(merge.before, merge.after);
}

}  // namespace baton::runner
