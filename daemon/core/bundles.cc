#include "core/bundles.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/routing.h"
#include "core/steps.h"

namespace baton::core {
namespace {

int phase(Work work) { return defaults_of(work).phase; }
bool by_phase(const Bundle& a, const Bundle& b) { return phase(a.work) < phase(b.work); }

bool follows_explicitly(const Piece& piece) { return piece.link == Link::after || (piece.refers_back && piece.own_verb); }

/// The kinds of work decide. What is thought out, found or audited first is what the rest builds on.
bool comes_after(Work work, Work earlier) {
  if (phase(work) == phase(earlier)) return false;
  return phase(work) > phase(earlier) || earlier == Work::audit || earlier == Work::design || earlier == Work::catalog;
}

bool must_wait(const Bundle& bundle, const Bundle& earlier) {
  return follows_explicitly(*bundle.pieces.front()) || comes_after(bundle.work, earlier.work);
}

using Row = std::vector<Bundle>;  // in the order in which somebody would do them

Row row_of(const std::vector<Piece>& pieces, const Catalogue& catalogue) {
  Row row;
  for (const Piece& piece : pieces) row.push_back({route(piece, catalogue).master, piece.work, {&piece}});
  return row;
}

Layers layered(Row row) {
  Layers layers;
  for (Bundle& bundle : row) {
    const bool waits = !layers.empty() && std::any_of(layers.back().begin(), layers.back().end(),
                                                      [&](const Bundle& earlier) { return must_wait(bundle, earlier); });
    if (layers.empty() || waits) layers.emplace_back();
    layers.back().push_back(std::move(bundle));
  }
  return layers;
}

/// A layer for each phase, whatever the request says of the order.
Layers layered_by_phase(Row row) {
  std::stable_sort(row.begin(), row.end(), by_phase);
  Layers layers;
  for (Bundle& bundle : row) {
    if (layers.empty() || phase(layers.back().front().work) != phase(bundle.work)) layers.emplace_back();
    layers.back().push_back(std::move(bundle));
  }
  return layers;
}

/// "Fix a. Test a. Fix b. Test b.": what no "then" keeps apart is put in the order of its phases.
Row sorted_between_sequences(Row row) {
  for (auto begin = row.begin(); begin != row.end();) {
    const auto end = std::find_if(std::next(begin), row.end(),
                                  [](const Bundle& bundle) { return follows_explicitly(*bundle.pieces.front()); });
    std::stable_sort(begin, end, by_phase);
    begin = end;
  }
  return row;
}

void append(Bundle& to, Bundle from) {
  if (from.work != to.work && from.work == Work::implement) to.work = from.work;
  to.pieces.insert(to.pieces.end(), from.pieces.begin(), from.pieces.end());
}

bool is_same_kind(const Bundle& a, const Bundle& b) { return a.master == b.master && a.work == b.work; }

/// One bundle for each kind of each layer.
Layers joined(Layers layers) {
  for (Row& layer : layers) {
    Row kinds;
    for (Bundle& bundle : layer) {
      const auto same = std::find_if(kinds.begin(), kinds.end(), [&](const Bundle& kind) { return is_same_kind(kind, bundle); });
      if (same == kinds.end())
        kinds.push_back(std::move(bundle));
      else
        append(*same, std::move(bundle));
    }
    layer = std::move(kinds);
  }
  return layers;
}

std::size_t count_of(const Layers& layers) {
  std::size_t count = 0;
  for (const Row& layer : layers) count += layer.size();
  return count;
}

bool fits(const Layers& layers, std::size_t most) {
  return layers.size() <= static_cast<std::size_t>(k_max_stages) && count_of(layers) <= most;
}

/// Of layers with one bundle each, neighbours of one master become one: first where least is to do.
Layers shortened(Layers layers, std::size_t most) {
  while (!fits(layers, most)) {
    std::size_t best = layers.size();
    const auto cost = [&](std::size_t at) {
      const Bundle &a = layers[at].front(), &b = layers[at + 1].front();
      return std::pair(a.pieces.size() + b.pieces.size(), a.work != b.work);
    };
    for (std::size_t at = 0; at + 1 < layers.size(); ++at) {
      const bool can =
          layers[at].size() == 1 && layers[at + 1].size() == 1 && layers[at].front().master == layers[at + 1].front().master;
      if (can && (best == layers.size() || cost(at) < cost(best))) best = at;
    }
    if (best == layers.size()) break;
    append(layers[best].front(), std::move(layers[best + 1].front()));
    layers.erase(layers.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return layers;
}

/// A layer for each master, in the order in which they come in; with too many of them, all of it for the first.
Layers by_master(const Layers& phases, std::size_t most) {
  Layers layers;
  for (const Row& phase : phases)
    for (const Bundle& bundle : phase) {
      const auto own =
          std::find_if(layers.begin(), layers.end(), [&](const Row& layer) { return layer.front().master == bundle.master; });
      if (own == layers.end())
        layers.push_back({bundle});
      else
        append(own->front(), bundle);
    }
  if (fits(layers, most)) return layers;
  for (std::size_t at = 1; at < layers.size(); ++at) append(layers.front().front(), std::move(layers[at].front()));
  layers.resize(1);
  return layers;
}

/// Undoes as much of joining as there is room for.
Layers spread(const Layers& layers, std::size_t most) {
  std::vector<std::size_t> wanted;
  for (const Row& layer : layers)
    for (const Bundle& bundle : layer) wanted.push_back(bundle.pieces.size());
  const std::vector<std::size_t> shares = share_out(wanted, most);
  Layers result;
  std::size_t at = 0;
  for (const Row& layer : layers) {
    Row& row = result.emplace_back();
    for (const Bundle& bundle : layer) {
      const std::size_t parts = shares[at++], count = bundle.pieces.size();
      for (std::size_t part = 0; part < parts; ++part) {
        const auto from = bundle.pieces.begin() + static_cast<std::ptrdiff_t>(part * count / parts);
        const auto to = bundle.pieces.begin() + static_cast<std::ptrdiff_t>((part + 1) * count / parts);
        row.push_back({bundle.master, bundle.work, {from, to}});
      }
    }
  }
  return result;
}

}  // namespace

Layers arrange(const std::vector<Piece>& pieces, const Catalogue& catalogue, std::size_t most) {
  const Row row = row_of(pieces, catalogue);
  Layers layers = layered(row);
  if (fits(layers, most)) return layers;
  if (layers = joined(std::move(layers)); fits(layers, most)) return spread(layers, most);
  if (layers = joined(layered(sorted_between_sequences(row))); fits(layers, most)) return spread(layers, most);
  if (layers = shortened(std::move(layers), most); fits(layers, most)) return layers;
  const Layers phases = joined(layered_by_phase(row));
  return fits(phases, most) ? spread(phases, most) : by_master(phases, most);
}

}  // namespace baton::core
