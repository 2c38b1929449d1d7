#include "core/steps.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ids.h"
#include "base/text.h"
#include "core/routing.h"
#include "core/verb_at.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_slug = 24;
constexpr std::size_t k_max_title = 120;
constexpr std::size_t k_max_request = 1'000;  // bytes of the task's title that a step repeats
constexpr std::size_t k_max_context = 2'000;  // and of its description
constexpr std::size_t k_most_steps = 10;      // spec: "Break complex tasks into 3-10 subtasks"
constexpr std::size_t k_max_files = 3;        // spec: "File-Scoped: Modifies ≤3 files"

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

std::string description_of(const TaskSpec& spec) {
  const std::string_view asked = text::trim(spec.title.empty() ? spec.description : spec.title);
  std::string description = "Part of: " + text::printable(text::ellipsis(asked, k_max_request));
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

std::string subject_of(const Request& request, const TaskSpec& spec, const Piece* piece) {
  if (piece == nullptr && !request.pieces.empty()) piece = &request.pieces.front();
  std::string subject = piece == nullptr ? std::string() : piece->object;
  if (subject.empty()) subject = text::ellipsis(text::trim(spec.title.empty() ? spec.description : spec.title), k_max_request);
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

/// "Deploy it": whoever takes the step has not read what stands before it.
std::string with_name(const Piece& piece) {
  if (piece.object.empty() || !piece.own_verb) return piece.text;
  const auto tokens = tokenise(piece.text);
  const auto verb = verb_at(tokens, 0, tokens.size());
  if (!verb || verb->after >= tokens.size()) return piece.text;
  const Token& named = tokens[verb->after];
  const bool pronoun = named.word == "it" || named.word == "them" || named.word == "this" || named.word == "that";
  const bool alone = verb->after + 1 == tokens.size() || tokens[verb->after + 1].kind != TokenKind::word ||
                     is_preposition(tokens[verb->after + 1].word);
  if (!pronoun || !alone) return piece.text;
  return piece.text.substr(0, named.begin) + piece.object + piece.text.substr(named.end);
}

std::string title_of(const Piece& piece) {
  const std::string flat = text::ellipsis(text::printable(text::ellipsis(with_name(piece), 2 * k_max_title)), k_max_title);
  if (piece.is_bare && !piece.object.empty())
    return text::ellipsis(capitalised(flat + " " + text::printable(piece.object)), k_max_title);
  if (piece.link == Link::tail && !piece.own_verb && (piece.work == Work::test || piece.work == Work::document))
    return text::ellipsis("Write " + std::string(without_determiner(flat)), k_max_title);  // "with tests and docs"
  const bool is_done =                                                                     // rather than made or written
      (piece.act == Act::build || piece.act == Act::document) && (piece.work == Work::audit || piece.work == Work::deploy);
  if (!piece.own_verb && !piece.verb.empty() && piece.link != Link::tail && !is_done)
    return text::ellipsis(capitalised(piece.verb + " " + flat), k_max_title);
  return capitalised(std::string(without_determiner(flat)));
}

SubtaskSpec step_of(const Piece& piece, const TaskSpec& spec, const Catalogue& catalogue) {
  const WorkDefaults& defaults = defaults_of(piece.work);
  SubtaskSpec step;
  step.title = title_of(piece);
  step.description = description_of(spec);
  step.assigned_to = route(piece, catalogue).master;
  step.worker_type = worker_type(piece.work);
  step.estimated_minutes = defaults.minutes;
  step.estimated_tokens = defaults.tokens;
  step.files_affected = piece.files;
  step.success_criteria = defaults.success;
  return step;
}

std::size_t most_steps(const Catalogue& catalogue) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(catalogue.settings.max_subtasks, 1)), 1, k_most_steps);
}

std::vector<std::size_t> share_out(const std::vector<std::size_t>& wanted, std::size_t room) {
  std::vector<std::size_t> shares(wanted.size(), 1);
  for (std::size_t given = wanted.size(); given < room; ++given) {
    std::size_t neediest = wanted.size();
    for (std::size_t at = 0; at < wanted.size(); ++at)
      if (shares[at] < wanted[at] && (neediest == wanted.size() || wanted[at] * shares[neediest] > wanted[neediest] * shares[at]))
        neediest = at;
    if (neediest == wanted.size()) break;
    ++shares[neediest];
  }
  return shares;
}

std::size_t parts_wanted(std::size_t files) { return std::max<std::size_t>(1, (files + k_max_files - 1) / k_max_files); }

std::vector<SubtaskSpec> split_by_files(SubtaskSpec step, std::size_t parts) {
  std::vector<SubtaskSpec> split;
  if (parts <= 1) {
    split.push_back(std::move(step));
    return split;
  }
  const std::vector<std::string> files = std::move(step.files_affected);
  const std::size_t each = std::max(k_max_files, (files.size() + parts - 1) / parts);
  parts = (files.size() + each - 1) / each;
  for (std::size_t part = 0; part < parts; ++part) {
    SubtaskSpec piece = step;
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(part * each);
    piece.files_affected.assign(begin, files.begin() + static_cast<std::ptrdiff_t>(std::min((part + 1) * each, files.size())));
    piece.title += " (part " + std::to_string(part + 1) + " of " + std::to_string(parts) + ")";
    split.push_back(std::move(piece));
  }
  return split;
}

}  // namespace baton::core
