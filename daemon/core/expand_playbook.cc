// What becomes of a playbook's steps for one request: filled in, those that are not asked for left out, and what the request asks
// for beyond the playbook added.
#include <algorithm>
#include <map>
#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "core/planning.h"
#include "core/playbooks.h"
#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_title = 1'000;    // bytes of the task's title that a step repeats
constexpr std::size_t k_files_of_a_step = 3;  // spec: "File-Scoped: Modifies ≤3 files"

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
  Expansion(const Playbook& playbook, const Request& request, const TaskSpec& spec, const Catalogue& catalogue)
      : playbook_(playbook), spec_(spec), catalogue_(catalogue), request_(request) {
    main_ = main_piece();
    const std::string_view asked = text::trim(spec.title.empty() ? spec.description : spec.title);
    filling_.title = text::printable(text::ellipsis(asked, spec.title.empty() ? 120 : k_max_title));
    filling_.subject = subject_of(request_, spec, main_);
    filling_.slug = slug_of(filling_.subject);
    slug_ = playbook.slug.empty() ? filling_.slug : playbook.slug;
  }

  Steps run() {
    for (const PlaybookStep& step : playbook_.steps)
      if (step.when_any.empty() || asks_for_any(step.when_any, request_.words)) keep(step);
    for (const PlaybookStep& step : playbook_.steps)
      if (const auto id = ids_.find(step.role); id != ids_.end()) connect(step, id->second);
    add_what_lacks();
    hand_out_files();
    split_wide_steps();
    return {std::move(steps_), std::move(whys_)};
  }

 private:
  /// The piece that the playbook is for: "Write tests for the parser, then refactor it" asks to refactor.
  const Piece* main_piece() const {
    for (const Piece& piece : request_.pieces) {
      std::vector<std::string> words;
      for (const Token& token : tokenise(piece.text)) words.push_back(text::lower(token.word));
      if (piece.in_title && asks_for_any(playbook_.match_any, words)) return &piece;
    }
    return request_.pieces.empty() ? nullptr : &request_.pieces.front();
  }

  /// Development in general is whose work the main piece is: pipelines are migrated by those who know pipelines.
  Route route_of(const PlaybookStep& step) const {
    if (catalogue_.masters.contains(step.master)) return {step.domain, step.master, "its playbook names that master"};
    const std::string_view domain = step.domain.empty() ? step.worker_type : step.domain;
    const bool general = domain == name(Topic::development) && main_ != nullptr && main_->work == Work::implement;
    return general ? route(*main_, catalogue_) : route_by_domain(domain, "its playbook", catalogue_);
  }

  void keep(const PlaybookStep& step) {
    SubtaskSpec made;
    made.id = subtask_id(slug_, steps_.size() + 1, step.role);
    made.title = fill(step.title, filling_);
    made.description = fill(step.description, filling_);
    Route way = route_of(step);
    made.assigned_to = std::move(way.master);
    whys_[made.id] = std::move(way.why);
    made.worker_type = step.worker_type;
    made.estimated_minutes = step.estimated_minutes;
    made.estimated_tokens = step.estimated_tokens;
    for (const std::string& file : step.files) made.files_affected.push_back(fill(file, filling_));
    made.success_criteria = fill(step.success_criteria, filling_);
    made.orchestrate = step.orchestrate;
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

  bool covers(const Piece& piece, const std::string& master) const {
    if (&piece == main_) return true;
    return std::any_of(steps_.begin(), steps_.end(), [&](const SubtaskSpec& step) {
      return step.assigned_to == master && step.worker_type == worker_type(piece.work);
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
      whys_[step.id] = route(piece, catalogue_).why;
      steps_.push_back(std::move(step));
    }
  }

  /// Where files of the task go that no step names: to those who implement, three for each, else to who does the first real work.
  std::vector<SubtaskSpec*> takers() {
    std::vector<SubtaskSpec*> implementing;
    SubtaskSpec* other = nullptr;
    for (SubtaskSpec& step : steps_) {
      if (step.worker_type == worker_type(Work::implement)) implementing.push_back(&step);
      if (other == nullptr && step.worker_type != worker_type(Work::design)) other = &step;
    }
    if (!implementing.empty() || steps_.empty()) return implementing;
    return {other != nullptr ? other : &steps_.front()};
  }

  void hand_out_files() {
    const auto is_named = [&](const std::string& file) {
      return std::any_of(steps_.begin(), steps_.end(), [&](const SubtaskSpec& step) {
        return std::find(step.files_affected.begin(), step.files_affected.end(), file) != step.files_affected.end();
      });
    };
    const std::vector<SubtaskSpec*> takers = this->takers();
    if (takers.empty()) return;
    for (const std::string& file : request_.files) {
      if (is_named(file)) continue;
      const auto free = std::find_if(takers.begin(), takers.end(),
                                     [](const SubtaskSpec* step) { return step->files_affected.size() < k_files_of_a_step; });
      (free == takers.end() ? takers.back() : *free)->files_affected.push_back(file);
    }
  }

  /// Who waits for a step that is split waits for all of its parts.
  void split_wide_steps() {
    std::vector<std::size_t> wanted;
    for (const SubtaskSpec& step : steps_) wanted.push_back(step.orchestrate ? 1 : parts_wanted(step.files_affected.size()));
    const std::vector<std::size_t> parts = share_out(wanted, most_steps(catalogue_));
    std::map<std::string, std::vector<std::string>> ids_of;  // id of a step → those of its parts
    std::vector<SubtaskSpec> split;
    for (std::size_t at = 0; at < steps_.size(); ++at) {
      const std::string id = steps_[at].id;
      for (SubtaskSpec& part : split_by_files(std::move(steps_[at]), parts[at])) {
        std::vector<std::string>& ids = ids_of[id];
        part.id = ids.empty() ? id : shorten_id(id + "-" + std::to_string(ids.size() + 1));
        whys_[part.id] = whys_[id];
        ids.push_back(part.id);
        split.push_back(std::move(part));
      }
    }
    for (SubtaskSpec& step : split) {
      std::vector<std::string> dependencies;
      for (const std::string& id : step.dependencies) {
        const auto found = ids_of.find(id);
        if (found == ids_of.end())
          dependencies.push_back(id);
        else
          dependencies.insert(dependencies.end(), found->second.begin(), found->second.end());
      }
      step.dependencies = std::move(dependencies);
    }
    steps_ = std::move(split);
  }

  const Playbook& playbook_;
  const TaskSpec& spec_;
  const Catalogue& catalogue_;
  const Request& request_;
  const Piece* main_ = nullptr;  // of request_
  Filling filling_;
  std::string slug_;
  std::map<std::string, std::size_t> ids_;  // role → index of the step
  std::vector<SubtaskSpec> steps_;
  std::map<std::string, std::string> whys_;
};

}  // namespace

Steps expand_playbook(const Playbook& playbook, const Request& request, const TaskSpec& spec, const Catalogue& catalogue) {
  return Expansion(playbook, request, spec, catalogue).run();
}

}  // namespace baton::core
