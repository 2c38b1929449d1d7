// Playbooks: which one fits a request, and what becomes of its steps. A request that spells out its own steps is better served by
// its own words, and what it asks for beyond the playbook is added.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "core/planning.h"
#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

bool any_of(const std::vector<std::string>& phrases, const std::vector<std::string>& words) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return contains_phrase(words, text::lower(phrase)); });
}

bool all_of(const std::vector<std::string>& phrases, const std::vector<std::string>& words) {
  return std::all_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return contains_phrase(words, text::lower(phrase)); });
}

bool matches(const Playbook& playbook, const Request& request) {
  if (playbook.match_any.empty() && playbook.match_all.empty()) return false;
  return (playbook.match_any.empty() || any_of(playbook.match_any, request.title_words)) &&
         all_of(playbook.match_all, request.words) && !any_of(playbook.match_none, request.title_words);
}

/// Three steps with verbs of their own, two things to implement, or a list in the description.
bool spells_out_steps(const Request& request) {
  int title_steps = 0, implementations = 0, listed = 0;
  for (const Piece& piece : request.pieces) {
    if (!piece.own_verb) continue;
    title_steps += piece.in_title ? 1 : 0;
    implementations += piece.in_title && piece.work == Work::implement && !piece.refers_back ? 1 : 0;
    listed += !piece.in_title && piece.link == Link::item ? 1 : 0;
  }
  return title_steps >= 3 || implementations >= 2 || listed >= 3;
}

struct Filling {
  std::string title, subject, slug;
};

std::string fill(std::string text, const Filling& filling) {
  const std::pair<std::string_view, const std::string*> rows[] = {
      {"{title}", &filling.title}, {"{subject}", &filling.subject}, {"{slug}", &filling.slug}};
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const auto row = std::find_if(std::begin(rows), std::end(rows),
                                  [&](const auto& entry) { return std::string_view(text).substr(at).starts_with(entry.first); });
    if (row == std::end(rows)) {
      filled += text[at++];
    } else {
      filled += *row->second;
      at += row->first.size();
    }
  }
  return filled;
}

class Expansion {
 public:
  Expansion(const Playbook& playbook, const TaskSpec& spec, const Catalogue& catalogue)
      : playbook_(playbook), spec_(spec), catalogue_(catalogue), request_(read_request(spec)) {
    filling_.title = text::printable(text::trim(spec.title.empty() ? text::ellipsis(spec.description, 120) : spec.title));
    filling_.subject = subject_of(request_, spec);
    filling_.slug = slug_of(filling_.subject);
    slug_ = playbook.slug.empty() ? filling_.slug : playbook.slug;
  }

  std::vector<SubtaskSpec> run() {
    for (const PlaybookStep& step : playbook_.steps)
      if (step.when_any.empty() || any_of(step.when_any, request_.words)) keep(step);
    for (const PlaybookStep& step : playbook_.steps)
      if (const auto id = ids_.find(step.role); id != ids_.end()) connect(step, id->second);
    hand_out_files();
    add_what_lacks();
    return std::move(steps_);
  }

 private:
  void keep(const PlaybookStep& step) {
    SubtaskSpec made;
    made.id = subtask_id(slug_, steps_.size() + 1, step.role);
    made.title = fill(step.title, filling_);
    made.description = fill(step.description, filling_);
    made.assigned_to = catalogue_.masters.contains(step.master)
                           ? step.master
                           : master_for_domain(step.domain.empty() ? step.worker_type : step.domain, catalogue_);
    made.worker_type = step.worker_type;
    made.estimated_minutes = step.estimated_minutes;
    made.estimated_tokens = step.estimated_tokens;
    for (const std::string& file : step.files) made.files_affected.push_back(fill(file, filling_));
    made.success_criteria = fill(step.success_criteria, filling_);
    ids_[step.role] = steps_.size();
    steps_.push_back(std::move(made));
  }

  const PlaybookStep* step_named(const std::string& role) const {
    for (const PlaybookStep& step : playbook_.steps)
      if (step.role == role) return &step;
    return nullptr;
  }

  /// What a step waits for, past the steps that are left out. A role that the playbook does not have stays: the plan rules name
  /// it.
  void collect(const std::string& role, std::set<std::string>& seen, std::vector<std::string>& dependencies) const {
    if (!seen.insert(role).second) return;
    if (const auto kept = ids_.find(role); kept != ids_.end()) {
      dependencies.push_back(steps_[kept->second].id);
    } else if (const PlaybookStep* left_out = step_named(role); left_out != nullptr) {
      for (const std::string& further : left_out->dependencies) collect(further, seen, dependencies);
    } else {
      dependencies.push_back(role);
    }
  }

  void connect(const PlaybookStep& step, std::size_t index) {
    std::set<std::string> seen;
    std::vector<std::string> dependencies;
    for (const std::string& role : step.dependencies) collect(role, seen, dependencies);
    steps_[index].dependencies = std::move(dependencies);
  }

  void hand_out_files() {
    for (SubtaskSpec& step : steps_) {
      if (step.worker_type != "implementation") continue;
      if (step.files_affected.empty()) step.files_affected = request_.files;
      return;
    }
  }

  bool covers(const Piece& piece, const std::string& master) const {
    return std::any_of(steps_.begin(), steps_.end(), [&](const SubtaskSpec& step) {
      return step.assigned_to == master && (step.worker_type == worker_type(piece.work) || piece.work == Work::implement);
    });
  }

  std::vector<std::string> sinks() const {
    std::set<std::string> waited_for;
    for (const SubtaskSpec& step : steps_) waited_for.insert(step.dependencies.begin(), step.dependencies.end());
    std::vector<std::string> ids;
    for (const SubtaskSpec& step : steps_)
      if (!waited_for.contains(step.id)) ids.push_back(step.id);
    return ids;
  }

  void add_what_lacks() {
    for (const Piece& piece : request_.pieces) {
      if (piece.strength < 3 || (!piece.in_title && piece.topic == Topic::development)) continue;
      SubtaskSpec step = step_of(piece, spec_, catalogue_);
      if (covers(piece, step.assigned_to)) continue;
      step.id = subtask_id(slug_, steps_.size() + 1, defaults_of(piece.work).role);
      step.dependencies = sinks();
      steps_.push_back(std::move(step));
    }
  }

  const Playbook& playbook_;
  const TaskSpec& spec_;
  const Catalogue& catalogue_;
  Request request_;
  Filling filling_;
  std::string slug_;
  std::map<std::string, std::size_t> ids_;  // role → index of the step
  std::vector<SubtaskSpec> steps_;
};

}  // namespace

const Playbook* matching_playbook(const TaskSpec& spec, const Catalogue& catalogue) {
  const Request request = read_request(spec);
  if (spells_out_steps(request)) return nullptr;
  const Playbook* best = nullptr;
  for (const auto& [name, playbook] : catalogue.playbooks)
    if (matches(playbook, request) && (best == nullptr || playbook.priority > best->priority)) best = &playbook;
  return best;
}

std::vector<SubtaskSpec> expand_playbook(const Playbook& playbook, const TaskSpec& spec, const Catalogue& catalogue) {
  return Expansion(playbook, spec, catalogue).run();
}

}  // namespace baton::core
