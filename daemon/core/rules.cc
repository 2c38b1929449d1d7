// Decomposition by the request's own words: one step per piece that is asked for, in an order that makes sense. What is listed
// side by side runs side by side; what a "then" or an arrow separates runs one after the other; in between the kind of work
// decides (design, implement, test, audit, document, deploy). More pieces than a plan should have are joined (bundles.h).
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "core/bundles.h"
#include "core/planning.h"
#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

int phase(const Piece& piece) { return defaults_of(piece.work).phase; }

/// Sorted by the kinds of work; who comes first then keeps the place in the sequence that the first one had.
void sort_by_phase(std::vector<Piece>::iterator begin, std::vector<Piece>::iterator end) {
  const Link link = begin->link;
  std::stable_sort(begin, end, [](const Piece& a, const Piece& b) { return phase(a) < phase(b); });
  for (auto piece = begin; piece != end; ++piece)
    if (piece != begin && piece->link == link && link != Link::tail) piece->link = Link::also;
  begin->link = link;
}

/// "with docs and a security audit", "add the page, docs and an audit": the order of such a list says nothing.
void sort_lists(std::vector<Piece>& pieces) {
  const auto is_tail = [](const Piece& piece) { return piece.link == Link::tail; };
  const auto shares_verb = [](const Piece& piece) { return piece.link == Link::also && !piece.own_verb; };
  for (auto begin = pieces.begin(); begin != pieces.end();) {
    const auto end = is_tail(*begin) ? std::find_if_not(begin, pieces.end(), is_tail)
                                     : std::find_if_not(std::next(begin), pieces.end(), shares_verb);
    if (!begin->refers_back) sort_by_phase(begin, end);
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
  sort_lists(asked);
  return asked;
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
  piece.text = text::ellipsis(text::trim(spec.title.empty() ? spec.description : spec.title), 1'000);
  return piece;
}

/// Of several pieces: what the first one asks for, the rest in the description, the estimates added up.
SubtaskSpec step_of(const Bundle& bundle, const TaskSpec& spec, const Catalogue& catalogue) {
  SubtaskSpec step = step_of(*bundle.pieces.front(), spec, catalogue);
  step.assigned_to = bundle.master;
  step.worker_type = worker_type(bundle.work);
  step.success_criteria = defaults_of(bundle.work).success;
  if (bundle.pieces.size() == 1) return step;
  step.title += ", and " + std::to_string(bundle.pieces.size() - 1) + " more";
  std::string all = "All of these:\n";
  step.estimated_minutes = 0;
  step.estimated_tokens = 0;
  step.files_affected.clear();
  for (const Piece* piece : bundle.pieces) {
    all += "- " + title_of(*piece) + "\n";
    step.estimated_minutes += defaults_of(piece->work).minutes;
    step.estimated_tokens += defaults_of(piece->work).tokens;
    for (const std::string& file : piece->files)
      if (std::find(step.files_affected.begin(), step.files_affected.end(), file) == step.files_affected.end())
        step.files_affected.push_back(file);
  }
  step.description = all + "\n" + step.description;
  return step;
}

/// How many steps each bundle is split into because of its files, with `most` steps in all.
std::vector<std::size_t> parts_of(const Layers& layers, std::size_t most) {
  std::vector<std::size_t> wanted;
  for (const auto& layer : layers)
    for (const Bundle& bundle : layer) {
      std::size_t files = 0;
      for (const Piece* piece : bundle.pieces) files += piece->files.size();
      wanted.push_back(parts_wanted(files));
    }
  return share_out(wanted, most);
}

}  // namespace

Steps expand_rules(const Request& request, const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue) {
  std::vector<Piece> pieces = asked_pieces(request);
  if (pieces.empty()) pieces.push_back(whole_request(spec));
  hand_out_files(pieces, request);
  const std::string slug = slug_of(subject_of(request, spec));
  const std::size_t most = most_steps(catalogue);
  Layers layers = arrange(pieces, catalogue, most);
  if (pieces.size() == 1 && !analysis.masters.empty()) layers.front().front().master = analysis.masters.front();
  const std::vector<std::size_t> parts = parts_of(layers, most);

  Steps made;
  std::vector<SubtaskSpec>& steps = made.subtasks;
  std::vector<std::string> before;  // ids of the layer that is waited for
  std::size_t number = 0;
  for (const auto& layer : layers) {
    std::vector<std::string> ids;
    for (const Bundle& bundle : layer) {
      const Route way = route(*bundle.pieces.front(), catalogue);
      for (SubtaskSpec& step : split_by_files(step_of(bundle, spec, catalogue), parts[number++])) {
        step.id = subtask_id(slug, steps.size() + 1, defaults_of(bundle.work).role);
        step.dependencies = before;
        ids.push_back(step.id);
        made.whys[step.id] = way.master == bundle.master ? way.why : "most of what it takes on is for that master";
        steps.push_back(std::move(step));
      }
    }
    before = std::move(ids);
  }
  return made;
}

}  // namespace baton::core
