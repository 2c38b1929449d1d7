#include "core/graph.h"

#include <algorithm>

#include "base/text.h"

namespace baton::core {
namespace {

/// Walks back along unfinished dependencies from a node of a cycle until a node repeats.
std::vector<int> find_cycle(const Dependencies& dependencies, const std::vector<int>& open) {
  std::vector<int> position(dependencies.size(), -1);
  std::vector<int> walked;
  int node = 0;
  while (open[static_cast<std::size_t>(node)] == 0) ++node;
  while (position[static_cast<std::size_t>(node)] < 0) {
    position[static_cast<std::size_t>(node)] = static_cast<int>(walked.size());
    walked.push_back(node);
    for (int next : dependencies[static_cast<std::size_t>(node)])
      if (open[static_cast<std::size_t>(next)] > 0) {
        node = next;
        break;
      }
  }
  walked.erase(walked.begin(), walked.begin() + position[static_cast<std::size_t>(node)]);
  walked.push_back(node);
  return walked;
}

/// Nodes so that each comes after what it depends on; shorter than the graph when there is a cycle. `open` keeps the
/// number of dependencies that were never met.
std::vector<int> topological_order(const Dependencies& dependencies, std::vector<int>& open) {
  std::vector<std::vector<int>> dependents(dependencies.size());
  std::vector<int> order;
  order.reserve(dependencies.size());
  open.assign(dependencies.size(), 0);
  for (std::size_t node = 0; node < dependencies.size(); ++node) {
    open[node] = static_cast<int>(dependencies[node].size());
    if (dependencies[node].empty()) order.push_back(static_cast<int>(node));
    for (int before : dependencies[node]) dependents[static_cast<std::size_t>(before)].push_back(static_cast<int>(node));
  }
  for (std::size_t done = 0; done < order.size(); ++done)
    for (int after : dependents[static_cast<std::size_t>(order[done])])
      if (--open[static_cast<std::size_t>(after)] == 0) order.push_back(after);
  return order;
}

bool is_inside(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_workspace(std::string_view path) { return path.empty() || path == "."; }

}  // namespace

tl::expected<std::vector<int>, std::vector<int>> levels(const Dependencies& dependencies) {
  std::vector<int> open;
  const std::vector<int> order = topological_order(dependencies, open);
  if (order.size() < dependencies.size()) return tl::make_unexpected(find_cycle(dependencies, open));
  std::vector<int> level(dependencies.size(), 1);
  for (int node : order)
    for (int before : dependencies[static_cast<std::size_t>(node)])
      level[static_cast<std::size_t>(node)] =
          std::max(level[static_cast<std::size_t>(node)], level[static_cast<std::size_t>(before)] + 1);
  return level;
}

int critical_path(const Dependencies& dependencies, const std::vector<int>& weights) {
  std::vector<int> open;
  const std::vector<int> order = topological_order(dependencies, open);
  BATON_ASSERT(order.size() == dependencies.size() && weights.size() == dependencies.size());
  std::vector<int> heaviest(dependencies.size(), 0);
  int longest = 0;
  for (int node : order) {
    int before_it = 0;
    for (int before : dependencies[static_cast<std::size_t>(node)])
      before_it = std::max(before_it, heaviest[static_cast<std::size_t>(before)]);
    heaviest[static_cast<std::size_t>(node)] = before_it + weights[static_cast<std::size_t>(node)];
    longest = std::max(longest, heaviest[static_cast<std::size_t>(node)]);
  }
  return longest;
}

bool paths_overlap(std::string_view a, std::string_view b) {
  return a == b || is_workspace(a) || is_workspace(b) || is_inside(a, b) || is_inside(b, a);
}

Result<std::string> normalise_path(std::string_view path) {
  if (path.starts_with('/'))
    return fail(ErrorCode::invalid, "\"" + text::printable(path) + "\" is an absolute path", "name it relative to the workspace");
  if (path.find('\0') != std::string_view::npos)
    return fail(ErrorCode::invalid, "a path contains a NUL character", "write it without");
  std::vector<std::string> kept;
  for (std::string& part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (kept.empty()) {
      return fail(ErrorCode::invalid, "\"" + text::printable(path) + "\" leads out of the workspace",
                  "name it relative to the workspace, without leading \"..\"");
    } else {
      kept.pop_back();
    }
  }
  return kept.empty() ? std::string(".") : text::join(kept, "/");
}

}  // namespace baton::core
