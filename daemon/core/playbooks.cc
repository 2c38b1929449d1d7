// Which playbook fits a request. One that spells out its own steps is better served by its own words.
#include "core/playbooks.h"

#include <algorithm>

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

/// Three steps with verbs of their own, two things to implement, or a list of three.
bool spells_out_steps(const Request& request) {
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

}  // namespace

bool asks_for_any(const std::vector<std::string>& phrases, const std::vector<std::string>& words) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return contains_phrase(words, text::lower(phrase)); });
}

const Playbook* matching_playbook(const TaskSpec& spec, const Catalogue& catalogue) {
  const Request request = read_request(spec);
  if (spec.planner != "playbook" && spells_out_steps(request)) return nullptr;
  const Playbook* best = nullptr;
  for (const auto& [name, playbook] : catalogue.playbooks)
    if (matches(playbook, request) && (best == nullptr || playbook.priority > best->priority)) best = &playbook;
  return best;
}

}  // namespace baton::core
