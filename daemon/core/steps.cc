#include "core/steps.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ids.h"
#include "base/text.h"
#include "core/routing.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_slug = 24;
constexpr std::size_t k_max_title = 120;
constexpr std::size_t k_max_context = 2'000;  // bytes of the task's description that a step repeats

constexpr std::array<WorkDefaults, 7> k_defaults = {{
    {"design", 0, 15, 5'000, "Design written down: interfaces, data, order of work, what is left out"},
    {"catalog", 1, 15, 8'000, "Complete list, each entry with where it was found"},
    {"implement", 2, 20, 15'000, "It does what is asked, and all existing tests pass"},
    {"test", 3, 15, 10'000, "The tests pass, and fail when the behaviour is broken"},
    {"audit", 4, 15, 10'000, "Report with every finding, its severity and a recommendation"},
    {"docs", 5, 10, 8'000, "Somebody who did not build it can follow it"},
    {"deploy", 6, 10, 5'000, "It runs in the target environment, and the way back is known"},
}};

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string_view without_determiner(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !is_determiner(text::lower(text.substr(0, space)))) return text;
  return text.substr(space + 1);
}

std::string title_of(const Piece& piece) {
  const std::string flat = text::printable(piece.text);
  if (piece.is_bare && !piece.object.empty()) return capitalised(flat + " " + text::printable(piece.object));
  if (!piece.own_verb && !piece.verb.empty() && piece.link != Link::tail) return capitalised(piece.verb + " " + flat);
  return capitalised(std::string(without_determiner(flat)));
}

std::string description_of(const TaskSpec& spec) {
  std::string description = "Part of: " + text::printable(text::trim(spec.title.empty() ? spec.description : spec.title));
  if (!spec.title.empty() && !text::trim(spec.description).empty())
    description += "\n\n" + text::ellipsis(text::trim(spec.description), k_max_context);
  return description;
}

}  // namespace

const WorkDefaults& defaults_of(Work work) { return k_defaults[static_cast<std::size_t>(work)]; }

const WorkDefaults& defaults_of(std::string_view type) {
  for (std::size_t work = 0; work < k_defaults.size(); ++work)
    if (worker_type(static_cast<Work>(work)) == type) return k_defaults[work];
  return defaults_of(Work::implement);
}

std::string subtask_id(std::string_view slug, std::size_t number, std::string_view role) {
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "-%03zu-", number);
  return shorten_id(std::string(slug) + digits.data() + std::string(role));
}

std::string subject_of(const Request& request, const TaskSpec& spec) {
  std::string subject = request.pieces.empty() ? std::string() : request.pieces.front().object;
  if (subject.empty()) subject = text::trim(spec.title.empty() ? spec.description : spec.title);
  std::string_view rest = subject;
  while (true) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) break;
    const std::string word = text::lower(rest.substr(0, space));
    if (!is_determiner(word) && word != "new" && word != "complete" && word != "entire" && word != "whole" && word != "full")
      break;
    rest.remove_prefix(space + 1);
  }
  return text::ellipsis(text::printable(rest), k_max_title);
}

std::string slug_of(std::string_view subject) {
  std::string slug = text::slug(subject, k_max_slug);
  return is_task_id(slug) ? slug : "task";
}

SubtaskSpec step_of(const Piece& piece, const TaskSpec& spec, const Catalogue& catalogue) {
  const WorkDefaults& defaults = defaults_of(piece.work);
  SubtaskSpec step;
  step.title = text::ellipsis(title_of(piece), k_max_title);
  step.description = description_of(spec);
  step.assigned_to = route(piece, catalogue).master;
  step.worker_type = worker_type(piece.work);
  step.estimated_minutes = defaults.minutes;
  step.estimated_tokens = defaults.tokens;
  step.files_affected = piece.files;
  step.success_criteria = defaults.success;
  return step;
}

}  // namespace baton::core
