// Which playbook fits a request. One that spells out its own steps is better served by its own words.
#include "core/playbooks.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "core/planning.h"
#include "core/scope.h"

namespace baton::core {
namespace {

constexpr std::string_view k_whole = "{whole}";  // in match_any: the title asks to make a whole system

bool all_of(const std::vector<std::string>& phrases, const std::vector<std::string>& words) {
  return std::all_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return contains_phrase(words, text::lower(phrase)); });
}

bool matches(const Playbook& playbook, const Request& request) {
  if (playbook.match_any.empty() && playbook.match_all.empty()) return false;
  const auto wants_whole = [&] {
    return std::find(playbook.match_any.begin(), playbook.match_any.end(), k_whole) != playbook.match_any.end();
  };
  const bool any = playbook.match_any.empty() || asks_for_any(playbook.match_any, request.title_words) ||
                   (wants_whole() && makes_whole(request));
  return any && all_of(playbook.match_all, request.words) && !asks_for_any(playbook.match_none, request.title_words);
}

/// Three steps with verbs of their own, two things to implement, a list of three, or what the thing is made up of.
bool spells_out_steps(const Request& request) {
  if (request.lists_makeup) return true;
  int title_steps = 0, implementations = 0, listed = 0;
  for (const Piece& piece : request.pieces) {
    listed += piece.is_listed && piece.work == Work::implement ? 1 : 0;
    if (!piece.own_verb) continue;
    title_steps += piece.in_title ? 1 : 0;
    implementations += piece.in_title && piece.work == Work::implement && !piece.refers_back ? 1 : 0;
    listed += !piece.in_title && piece.link == Link::item ? 1 : 0;
  }
  return title_steps >= 3 || implementations >= 2 || listed >= 3;
}

const PlaybookStep* step_for(const Playbook& playbook, Work work) {
  const auto found = std::find_if(playbook.steps.begin(), playbook.steps.end(),
                                  [&](const PlaybookStep& step) { return step.worker_type == worker_type(work); });
  return found == playbook.steps.end() ? nullptr : &*found;
}

/// `seen` ends the walk where roles go in a circle, which the plan rules refuse.
bool waits_for(const Playbook& playbook, const PlaybookStep& step, const std::string& role, std::set<std::string>& seen) {
  return std::any_of(step.dependencies.begin(), step.dependencies.end(), [&](const std::string& before) {
    if (before == role) return true;
    if (!seen.insert(before).second) return false;
    const auto named = std::find_if(playbook.steps.begin(), playbook.steps.end(),
                                    [&](const PlaybookStep& other) { return other.role == before; });
    return named != playbook.steps.end() && waits_for(playbook, *named, role, seen);
  });
}

/// The title says "first this, then that", and the playbook the other way round: who asks knows better.
bool contradicts(const Playbook& playbook, const Request& request) {
  const PlaybookStep* before = nullptr;
  for (const Piece& piece : request.pieces) {
    if (!piece.in_title) break;
    const PlaybookStep* step = step_for(playbook, piece.work);
    std::set<std::string> seen;
    const bool follows = piece.link == Link::after || (piece.refers_back && piece.own_verb);
    if (follows && before != nullptr && step != nullptr && waits_for(playbook, *before, step->role, seen)) return true;
    before = step;
  }
  return false;
}

}  // namespace

bool asks_for_any(const std::vector<std::string>& phrases, const std::vector<std::string>& words) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return contains_phrase(words, text::lower(phrase)); });
}

const Playbook* matching_playbook(const Request& request, const TaskSpec& spec, const Catalogue& catalogue) {
  const bool insists = spec.planner == "playbook";
  if (!insists && spells_out_steps(request)) return nullptr;
  const Playbook* best = nullptr;
  for (const auto& [name, playbook] : catalogue.playbooks)
    if (matches(playbook, request) && (insists || !contradicts(playbook, request)) &&
        (best == nullptr || playbook.priority > best->priority))
      best = &playbook;
  return best;
}

}  // namespace baton::core
