// Decomposition by the request's own words: one step per piece that is asked for, in an order that makes sense. What is listed
// side by side runs side by side; what a "then" or an arrow separates runs one after the other; in between the kind of work
// decides (design, implement, test, audit, document, deploy).
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "core/planning.h"
#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

constexpr std::size_t k_max_files = 3;  // spec: "File-Scoped: Modifies ≤3 files"

int phase(const Piece& piece) { return defaults_of(piece.work).phase; }

/// "with docs and a security audit": the order of such a list says nothing, the kinds of work do.
void sort_tails(std::vector<Piece>& pieces) {
  auto begin = pieces.begin();
  while (begin != pieces.end()) {
    begin = std::find_if(begin, pieces.end(), [](const Piece& piece) { return piece.link == Link::tail; });
    const auto end = std::find_if(begin, pieces.end(), [](const Piece& piece) { return piece.link != Link::tail; });
    std::stable_sort(begin, end, [](const Piece& a, const Piece& b) { return phase(a) < phase(b); });
    begin = end;
  }
}

bool is_same_work(const Piece& a, const Piece& b) { return a.work == b.work && a.topic == b.topic; }

/// The title's pieces, or the list of the description that spells them out; then what else the description asks for.
std::vector<Piece> asked_pieces(const Request& request) {
  const auto listed = [](const Piece& piece) { return !piece.in_title && piece.link == Link::item && piece.own_verb; };
  const auto in_title =
      std::count_if(request.pieces.begin(), request.pieces.end(), [](const Piece& piece) { return piece.in_title; });
  const bool list_decides = in_title <= 1 && std::count_if(request.pieces.begin(), request.pieces.end(), listed) >= 2;
  std::vector<Piece> asked;
  for (const Piece& piece : request.pieces) {
    if (piece.in_title
            ? !list_decides
            : list_decides && (listed(piece) || (piece.link != Link::first && !asked.empty() && piece.strength >= 3))) {
      asked.push_back(piece);
    } else if (!piece.in_title && piece.strength >= 3 && piece.topic != Topic::development &&
               std::none_of(asked.begin(), asked.end(), [&](const Piece& other) { return is_same_work(piece, other); })) {
      asked.push_back(piece);
    }
  }
  sort_tails(asked);
  return asked;
}

bool must_wait(const Piece& piece, const Piece& earlier) {
  if (piece.link == Link::after || (piece.refers_back && piece.own_verb)) return true;
  const bool shares_verb = !piece.own_verb && piece.link == Link::also;
  if (shares_verb && earlier.verb == piece.verb) return false;
  if (phase(piece) != phase(earlier))
    return phase(piece) > phase(earlier) || earlier.work == Work::audit || earlier.work == Work::design ||
           earlier.work == Work::catalog;
  return false;
}

/// A piece with more files than one step should touch becomes several, side by side.
std::vector<SubtaskSpec> split_by_files(SubtaskSpec step) {
  std::vector<SubtaskSpec> parts;
  const std::size_t count = (step.files_affected.size() + k_max_files - 1) / k_max_files;
  if (count <= 1) return {std::move(step)};
  for (std::size_t part = 0; part < count; ++part) {
    SubtaskSpec piece = step;
    const auto begin = step.files_affected.begin() + static_cast<std::ptrdiff_t>(part * k_max_files);
    const auto end =
        step.files_affected.begin() + static_cast<std::ptrdiff_t>(std::min((part + 1) * k_max_files, step.files_affected.size()));
    piece.files_affected.assign(begin, end);
    piece.title += " (part " + std::to_string(part + 1) + " of " + std::to_string(count) + ")";
    parts.push_back(std::move(piece));
  }
  return parts;
}

/// Files that the task names without a piece belong to the first piece that changes something.
void hand_out_files(std::vector<Piece>& pieces, const Request& request) {
  std::vector<std::string> rest;
  for (const std::string& file : request.files)
    if (std::none_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
          return std::find(piece.files.begin(), piece.files.end(), file) != piece.files.end();
        }))
      rest.push_back(file);
  auto taker = std::find_if(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.work == Work::implement; });
  if (taker == pieces.end()) taker = pieces.begin();
  taker->files.insert(taker->files.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
}

Piece whole_request(const TaskSpec& spec) {
  Piece piece;
  piece.text = text::trim(spec.title.empty() ? spec.description : spec.title);
  return piece;
}

std::vector<std::string> ids_of(const std::vector<SubtaskSpec>& steps, const std::vector<std::size_t>& indices) {
  std::vector<std::string> ids;
  for (std::size_t index : indices) ids.push_back(steps[index].id);
  return ids;
}

}  // namespace

std::vector<SubtaskSpec> expand_rules(const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue) {
  const Request request = read_request(spec);
  std::vector<Piece> pieces = asked_pieces(request);
  if (pieces.empty()) pieces.push_back(whole_request(spec));
  hand_out_files(pieces, request);
  const std::string slug = slug_of(subject_of(request, spec));

  std::vector<SubtaskSpec> steps;
  std::vector<std::size_t> layer, before, layer_pieces;  // steps that run side by side, those they wait for, and their pieces
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    const bool waits = std::any_of(layer_pieces.begin(), layer_pieces.end(),
                                   [&](std::size_t earlier) { return must_wait(pieces[at], pieces[earlier]); });
    if (waits) {
      before = std::exchange(layer, {});
      layer_pieces.clear();
    }
    layer_pieces.push_back(at);
    SubtaskSpec made = step_of(pieces[at], spec, catalogue);
    if (at == 0 && pieces.size() == 1 && !analysis.masters.empty()) made.assigned_to = analysis.masters.front();
    for (SubtaskSpec& step : split_by_files(std::move(made))) {
      step.id = subtask_id(slug, steps.size() + 1, defaults_of(pieces[at].work).role);
      step.dependencies = ids_of(steps, before);
      layer.push_back(steps.size());
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

}  // namespace baton::core
