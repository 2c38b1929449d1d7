#include "front/analysis/repository.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace baton::front {
namespace {

/// Both read from right to left, as if each had a '/' before it: so a name at the top is an ending like any other.
bool less_from_right(std::string_view a, std::string_view b) {
  for (std::size_t i = 1;; ++i) {
    const int left = i <= a.size() ? static_cast<unsigned char>(a[a.size() - i]) : i == a.size() + 1 ? '/' : -1;
    const int right = i <= b.size() ? static_cast<unsigned char>(b[b.size() - i]) : i == b.size() + 1 ? '/' : -1;
    if (left != right) return left < right;
    if (left < 0) return false;
  }
}

bool ends_at_part(std::string_view path, std::string_view ending) {
  return path.ends_with(ending) && (path.size() == ending.size() || path[path.size() - ending.size() - 1] == '/');
}

}  // namespace

std::string_view without_slash(std::string_view folder) {
  if (folder.ends_with('/')) folder.remove_suffix(1);
  return folder;
}

std::optional<std::string> normal_path(std::string_view path) {
  std::string result;
  result.reserve(path.size());
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, slash - at);
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (result.empty()) return std::nullopt;
      result.resize(folder_of(result).size());
      continue;
    }
    if (!result.empty()) result += '/';
    result += part;
  }
  if (result.empty()) return std::nullopt;
  if (path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..")) result += '/';
  return result;
}

std::string_view folder_of(std::string_view path) {
  path = without_slash(path);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) {
  path = without_slash(path);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view extension_of(std::string_view path) {
  const std::string_view name = base_name(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

std::string joined(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : std::string(folder) + "/" + std::string(name);
}

RepositoryIndex::RepositoryIndex(std::vector<std::string> paths) : paths_(std::move(paths)) {
  std::ranges::sort(paths_);
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
  by_end_.resize(paths_.size());
  std::iota(by_end_.begin(), by_end_.end(), 0);
  std::ranges::sort(by_end_, [&](std::size_t a, std::size_t b) { return less_from_right(paths_[a], paths_[b]); });
}

bool RepositoryIndex::has_file(std::string_view path) const { return std::ranges::binary_search(paths_, path); }

bool RepositoryIndex::has_folder(std::string_view folder) const { return !inside(folder).empty(); }

std::span<const std::string> RepositoryIndex::inside(std::string_view folder) const {
  if (folder.empty()) return paths_;
  const std::string name(without_slash(folder));
  const auto begin = std::ranges::lower_bound(paths_, name + '/');
  const auto end = std::lower_bound(begin, paths_.end(), name + char('/' + 1));
  return {begin, end};
}

RepositoryIndex::Ending RepositoryIndex::ending_with(std::string_view ending) const {
  const auto first = std::ranges::lower_bound(by_end_, ending, less_from_right,
                                              [&](std::size_t place) { return std::string_view(paths_[place]); });
  if (first == by_end_.end() || !ends_at_part(paths_[*first], ending)) return {};
  const auto second = std::next(first);
  return {&paths_[*first], second == by_end_.end() || !ends_at_part(paths_[*second], ending)};
}

std::vector<std::string> RepositoryIndex::fitting(std::string_view glob) const {
  const Glob pattern(glob.find('/') == std::string_view::npos ? "**/" + std::string(glob) : std::string(glob));
  std::vector<std::string> found;
  for (const std::string& path : inside(pattern.folder()))
    if (pattern.fits(path)) found.push_back(path);
  return found;
}

}  // namespace baton::front
