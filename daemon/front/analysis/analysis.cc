#include "front/analysis/analysis.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/text.h"
#include "front/analysis/imports.h"
#include "front/analysis/ordering.h"
#include "front/analysis/overlaps.h"
#include "front/analysis/prerequisites.h"
#include "front/analysis/reading.h"
#include "front/analysis/repository.h"
#include "front/analysis/targets.h"

namespace baton::front {
namespace {

bool is_folder(const std::string& path) { return path.ends_with('/'); }

bool is_among(const std::vector<std::string>& sorted, const std::string& path) {
  return std::ranges::binary_search(sorted, path);
}

bool is_among(const std::vector<Changes::Change>& changes, std::size_t prompt) {
  return std::ranges::find(changes, prompt, &Changes::Change::prompt) != changes.end();
}

class Analyst {
 public:
  Analyst(const std::vector<Prompt>& prompts, const RepositoryFiles& repository)
      : prompts_(prompts), repository_(repository), index_(repository.paths) {}

  PromptAnalysis run() {
    find_targets_of_all();
    const Changes changes(result_.targets);
    result_.conflicts = changes.conflicts();
    find_needs(changes);
    put_in_order();
    return std::move(result_);
  }

 private:
  const std::string& file(std::size_t prompt) const { return prompts_[prompt].file; }

  void note(std::string text) {
    if (result_.notes.size() < k_max_notes) result_.notes.push_back(std::move(text));
  }

  void find_targets_of_all() {
    std::set<std::string> names;
    for (const Prompt& prompt : prompts_) {
      names.emplace(base_name(prompt.file));
      if (auto path = normal_path(prompt.file)) names.insert(std::move(*path));
    }
    for (const Prompt& prompt : prompts_) {
      readings_.push_back(read_prompt(prompt.text, index_));
      FoundTargets found = find_targets(readings_.back(), index_, names);
      for (const std::string& text : found.notes) note(prompt.file + ": " + text);
      result_.targets.push_back(std::move(found.targets));
      left_alone_.push_back(std::move(found.left_alone));
    }
  }

  void find_needs(const Changes& changes) {
    // Imports may lead to what another prompt makes.
    std::vector<std::string> paths = repository_.paths;
    for (const Targets& targets : result_.targets)
      std::ranges::copy_if(targets.created, std::back_inserter(paths), std::not_fn(is_folder));
    const RepositoryIndex future(std::move(paths));
    const Imports imports(future, repository_.read);
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      needs_by_word(i);
      needs_by_mention(i, changes);
      needs_by_snippet(i, changes, imports);
      needs_by_import(i, changes, imports);
    }
    if (sources_ > k_max_sources)
      note("the imports of " + std::to_string(sources_ - k_max_sources) + " files were not looked at: more than " +
           std::to_string(k_max_sources) + " change");
  }

  void needs_by_word(std::size_t prompt) {
    for (const PromptNames::Mention& mention : names_.needed_by(prompts_[prompt].text)) {
      if (mention.first) {
        need(prompt, mention.prompt, Certainty::says,
             [&] { return "it names " + file(mention.prompt) + " (\"" + mention.words + "\")"; });
      } else {
        need(mention.prompt, prompt, Certainty::says, [&] { return file(prompt) + " names it (\"" + mention.words + "\")"; });
      }
    }
  }

  void needs_by_mention(std::size_t prompt, const Changes& changes) {
    for (const std::string& path : result_.targets[prompt].mentioned) {
      if (is_among(left_alone_[prompt], path)) continue;
      const bool to_be_made = is_folder(path) ? !index_.has_folder(path) : !index_.has_file(path);
      if (!to_be_made) continue;
      for (const Changes::Change& change : is_folder(path) ? changes.made_in(path) : changes.of(path))
        if (change.creates) made(prompt, change.prompt, "its text mentions ", path);
    }
  }

  void needs_by_snippet(std::size_t prompt, const Changes& changes, const Imports& imports) {
    for (const Snippet& snippet : readings_[prompt].snippets) {
      if (snippet.language.empty()) continue;
      for (const std::string& path : imports.of(snippet.file, snippet.code, snippet.language)) {
        const auto by = changes.of(path);
        if (is_among(by, prompt)) continue;
        for (const Changes::Change& change : by)
          if (change.creates) made(prompt, change.prompt, "its text imports ", path);
      }
    }
  }

  void made(std::size_t later, std::size_t earlier, const char* how, const std::string& path) {
    need(later, earlier, Certainty::mentions, [&] { return how + path + ", which " + file(earlier) + " creates"; });
  }

  void needs_by_import(std::size_t prompt, const Changes& changes, const Imports& imports) {
    for (const std::string& target : result_.targets[prompt].modified) {
      if (!is_folder(target)) {
        needs_of_source(prompt, target, changes, imports);
        continue;
      }
      for (const std::string& inside : index_.inside(target)) needs_of_source(prompt, inside, changes, imports);
    }
  }

  void needs_of_source(std::size_t prompt, const std::string& source, const Changes& changes, const Imports& imports) {
    if (!Imports::knows(source)) return;
    for (const std::string& path : imported_by(source, imports)) {
      const auto by = changes.of(path);
      if (is_among(by, prompt)) continue;  // then it is a conflict, and needs no more
      for (const Changes::Change& change : by)
        need(prompt, change.prompt, Certainty::imports, [&] {
          std::string reason = "its ";
          reason.append(source).append(" imports ").append(path).append(", which ").append(file(change.prompt));
          return reason += change.creates ? " creates" : " changes";
        });
    }
  }

  const std::vector<std::string>& imported_by(const std::string& source, const Imports& imports) {
    const auto [at, fresh] = imported_.try_emplace(source);
    if (!fresh || ++sources_ > k_max_sources) return at->second;
    if (const auto text = repository_.read(source)) at->second = imports.of(source, *text);
    return at->second;
  }

  template <class Reason>
  void need(std::size_t later, std::size_t earlier, Certainty certainty, const Reason& reason) {
    if (later == earlier) return;
    const auto [at, fresh] = needs_.try_emplace({later, earlier}, certainty, std::string());
    if (!fresh && at->second.first >= certainty) return;
    at->second = {certainty, reason()};
  }

  void put_in_order() {
    std::vector<Need> needs;
    for (const auto& [pair, why] : needs_) needs.push_back({pair.first, pair.second, why.first});
    std::vector<std::vector<std::size_t>> conflicts(prompts_.size());
    for (const PromptConflict& conflict : result_.conflicts) {
      conflicts[conflict.one].push_back(conflict.other);
      conflicts[conflict.other].push_back(conflict.one);
    }
    Order order = stages_of(prompts_.size(), needs, conflicts);
    result_.stages = std::move(order.stages);
    for (const std::size_t given_up : order.given_up) {
      const auto at = needs_.find({needs[given_up].later, needs[given_up].earlier});
      note(file(at->first.first) + " does not wait for " + file(at->first.second) + ", which waits for it: a circle (" +
           at->second.second + ")");
      needs_.erase(at);
    }
    for (auto& [pair, why] : needs_) result_.dependencies.push_back({pair.first, pair.second, std::move(why.second)});
  }

  const std::vector<Prompt>& prompts_;
  const RepositoryFiles& repository_;
  const RepositoryIndex index_;
  const PromptNames names_{prompts_};
  std::vector<Reading> readings_;
  std::vector<std::vector<std::string>> left_alone_;  // by prompt, sorted
  std::map<std::string, std::vector<std::string>> imported_;
  std::size_t sources_ = 0;
  std::map<std::pair<std::size_t, std::size_t>, std::pair<Certainty, std::string>> needs_;  // later, earlier → why
  PromptAnalysis result_;
};

}  // namespace

PromptAnalysis analyse(const std::vector<Prompt>& prompts, const RepositoryFiles& repository) {
  return Analyst(prompts, repository).run();
}

}  // namespace baton::front
