#include "front/analysis/targets.h"

#include <algorithm>
#include <map>

#include "front/analysis/shape.h"

namespace baton::front {
namespace {

class Finder {
 public:
  Finder(const RepositoryIndex& repository, const std::set<std::string>& prompt_files)
      : repository_(repository), prompt_files_(prompt_files) {}

  FoundTargets find(const Reading& reading) {
    for (const Named& named : reading.names) take(named);
    if (globs_.size() > k_max_globs) note("only " + std::to_string(k_max_globs) + " of its globs were looked at");
    for (const auto& [glob, sense] : globs_) expand(glob, sense);
    find_folders_of_names();
    const bool changes = std::ranges::any_of(senses_, [&](const auto& one) { return is_changed(one.first, one.second); });
    for (const auto& [path, sense] : senses_) put(path, sense, changes);
    found_.targets.outside.assign(outside_.begin(), outside_.end());
    return std::move(found_);
  }

 private:
  /// A whole folder is changed only when the text says so ("the tests in `tests/` must pass"), and so is data that is nowhere.
  bool is_changed(const std::string& path, Sense sense) const {
    if (sense != Sense::plain) return sense == Sense::change;
    return !path.ends_with('/') && (path.find('/') != std::string::npos || !is_data(path) || repository_.has_file(path));
  }

  static void raise(std::map<std::string, Sense>& senses, const std::string& path, Sense sense) {
    const auto [at, fresh] = senses.try_emplace(path, sense);
    if (!fresh) at->second = std::max(at->second, sense);
  }

  void take(const Named& named) {
    if (named.outside) {
      outside_.insert(named.path);
      return;
    }
    const auto path = normal_path(named.path.substr(named.path.starts_with('/') ? 1 : 0));
    if (!path) return;
    if (named.glob && !repository_.has_file(*path)) {
      raise(globs_, *path, named.sense);
      return;
    }
    if (auto resolved = resolve(*path)) raise(senses_, *resolved, named.sense);
  }

  /// The path itself; the only file with that ending; nothing when there are several, or when it is a prompt.
  std::optional<std::string> resolve(const std::string& path) {
    const std::size_t slash = path.find('/');
    const bool bare = slash == std::string::npos;
    const auto ending = repository_.ending_with(path);
    if (prompt_files_.contains(path) && (!bare || ending.path == nullptr || ending.only)) return std::nullopt;
    if (repository_.has_file(path)) return path;
    if (repository_.has_folder(path)) return path.ends_with('/') ? path : path + '/';
    if (ending.path == nullptr || (!bare && repository_.has_folder(path.substr(0, slash)))) return path;
    if (ending.only) return *ending.path;
    note("which " + path + " is meant? There are several");
    return std::nullopt;
  }

  void expand(const std::string& glob, Sense sense) {
    if (++expanded_ > k_max_globs) return;
    const auto fitting = repository_.fitting(glob);
    if (fitting.empty() && (sense == Sense::plain || sense == Sense::change)) return nothing_fits(glob, sense);
    for (const std::string& path : fitting)
      if (!is_left_alone(path)) raise(senses_, path, sense);
  }

  /// "Create tests/auth/test_*.py": in a folder that is not there yet.
  void nothing_fits(const std::string& glob, Sense sense) {
    const std::string folder = Glob(glob).folder();
    if (!folder.empty() && !repository_.has_folder(folder)) return raise(senses_, folder + '/', sense);
    note(glob + " fits no file");
  }

  /// A name that is nowhere is that of the only path with this name that the text has, too: "orchestrator.py" for
  /// "src/orchestrator.py".
  void find_folders_of_names() {
    std::map<std::string, std::vector<std::string>, std::less<>> paths;
    for (const auto& [path, sense] : senses_)
      if (path.find('/') != std::string::npos) paths[std::string(base_name(path))].push_back(path);
    for (auto at = senses_.begin(); at != senses_.end();) {
      const auto named = paths.find(at->first);
      if (repository_.has_file(at->first) || named == paths.end() || named->second.size() != 1 ||
          named->second.front().ends_with('/')) {
        ++at;
        continue;
      }
      raise(senses_, named->second.front(), at->second);
      at = senses_.erase(at);
    }
  }

  bool is_left_alone(std::string_view path) const {
    const auto left = [&](const std::string& name) {
      const auto at = senses_.find(name);
      return at != senses_.end() && at->second == Sense::leave;
    };
    if (left(std::string(path))) return true;
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder))
      if (left(std::string(folder) + '/')) return true;
    return false;
  }

  void put(const std::string& path, Sense sense, bool changes) {
    Targets& targets = found_.targets;
    // A prompt that says of no file that it changes means those that it tells about.
    const bool told = sense == Sense::background && !changes && !path.ends_with('/');
    if (!told && !is_changed(path, sense)) {
      targets.mentioned.push_back(path);
      if (sense == Sense::leave) found_.left_alone.push_back(path);
      return;
    }
    const bool there = path.ends_with('/') ? repository_.has_folder(path) : repository_.has_file(path);
    (there ? targets.modified : targets.created).push_back(path);
  }

  void note(std::string text) {
    if (found_.notes.size() < k_max_prompt_notes && std::ranges::find(found_.notes, text) == found_.notes.end())
      found_.notes.push_back(std::move(text));
  }

  const RepositoryIndex& repository_;
  const std::set<std::string>& prompt_files_;
  std::map<std::string, Sense> senses_, globs_;
  std::set<std::string> outside_;
  std::size_t expanded_ = 0;
  FoundTargets found_;
};

}  // namespace

FoundTargets find_targets(const Reading& reading, const RepositoryIndex& repository, const std::set<std::string>& prompt_files) {
  return Finder(repository, prompt_files).find(reading);
}

}  // namespace baton::front
