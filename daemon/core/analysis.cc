// Simple or complex, and whose work it is. Complex is what reaches Settings::complexity_threshold (4). The weights, after the
// seed's "Decision Framework":
//   every master after the first                 4
//   three kinds of work 3, four 4, two 1         (design, implement, test, audit, document, deploy, catalog)
//   what must be done before something else      4 in the title, 3 when it refers back or stands in the description
//   one of three or more that refers back ("fix what breaks")                      2
//   three pieces of work 1, five 2; a list of six in the description 4, of four 2
//   a whole instead of a part, 4+ files, an estimate over 30 minutes or 20k tokens   4 each
//   three listed parts of a system, or what a thing is made up of   3
#include <algorithm>
#include <set>

#include "base/text.h"
#include "core/planning.h"
#include "core/routing.h"
#include "core/scope.h"

namespace baton::core {
namespace {

constexpr int k_per_master = 4;

class Judge {
 public:
  Judge(Request request, const TaskSpec& spec, const Catalogue& catalogue)
      : spec_(spec), catalogue_(catalogue), request_(std::move(request)) {}

  Analysis run() {
    lead_with_type();
    for (const Piece& piece : request_.pieces)
      if (counts(piece)) take(piece);
    if (analysis_.masters.empty()) take(fallback());
    add_masters();
    add_kinds();
    add_sequence();
    add_pieces();
    for (Share share : {whole_scope(request_), listed_parts(request_), many_files(request_), large_estimate(request_, spec_)})
      add(std::move(share));
    for (const std::string& slip : request_.slips) analysis_.reasons.push_back("+0: " + slip);
    if (request_.is_cut)
      analysis_.reasons.emplace_back("+0: it is too long to be read as a whole: what stands last was left out");
    decide();
    return std::move(analysis_);
  }

 private:
  void add(Share share) {
    if (share.points == 0) return;
    analysis_.score += share.points;
    analysis_.reasons.push_back("+" + std::to_string(share.points) + ": " + share.reason);
  }

  /// A type that names a field wins over a title that is no more than a request to change something.
  void lead_with_type() {
    const Topic type = topic_of_type(spec_.type);
    if (type == Topic::none || request_.pieces.empty()) return;
    Piece& first = request_.pieces.front();
    const bool several = std::any_of(request_.pieces.begin(), request_.pieces.end(), [&](const Piece& piece) {
      return piece.in_title && piece.strength >= 3 && piece.topic != first.topic;
    });
    if (several || first.topic == type) return;
    if (type != Topic::development || first.strength < 3) {
      first.topic = type;
      first.strength = std::max(first.strength, 3);
      analysis_.reasons.push_back("+0: its type \"" + text::printable(spec_.type) + "\" says " + std::string(name(type)));
    }
  }

  bool counts(const Piece& piece) const { return &piece == &request_.pieces.front() || piece.strength >= 3; }

  Piece fallback() const {
    Piece piece;
    piece.topic = topic_of_type(spec_.type);
    return piece;
  }

  void take(const Piece& piece) {
    Route way = route(piece, catalogue_);
    const bool follows = !piece.in_title && piece.topic == Topic::development && !analysis_.masters.empty();
    if (follows && way.master != analysis_.masters.front()) return;  // details of how, not another master's work
    kinds_.insert(piece.work);
    append(analysis_.domains, std::move(way.domain));
    append(analysis_.masters, std::move(way.master));
  }

  static void append(std::vector<std::string>& list, std::string item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
  }

  void add_masters() {
    const int others = static_cast<int>(analysis_.masters.size()) - 1;
    if (others > 0) add({others * k_per_master, "it needs several masters: " + text::join(analysis_.masters, ", ")});
  }

  void add_kinds() {
    std::vector<std::string> names;
    for (Work work : kinds_) names.emplace_back(worker_type(work));
    const int points = kinds_.size() >= 4 ? 4 : kinds_.size() == 3 ? 3 : kinds_.size() == 2 ? 1 : 0;
    add({points, "it asks for several kinds of work: " + text::join(names, ", ")});
  }

  void add_sequence() {
    for (std::size_t at = 1; at < request_.pieces.size(); ++at) {
      const Piece& piece = request_.pieces[at];
      if (piece.link != Link::after) continue;
      if (!piece.in_title && !piece.own_verb) continue;
      const int points = piece.in_title && piece.own_verb && !piece.refers_back ? 4 : 3;
      const std::string& before = request_.pieces[at - 1].text;
      return add({points, "\"" + text::ellipsis(piece.text, 60) + "\" must wait for \"" + text::ellipsis(before, 60) + "\""});
    }
    const auto verbs = std::count_if(request_.pieces.begin(), request_.pieces.end(),
                                     [](const Piece& piece) { return piece.in_title && piece.own_verb; });
    for (std::size_t at = 1; verbs >= 3 && at < request_.pieces.size(); ++at)
      if (const Piece& piece = request_.pieces[at]; piece.in_title && piece.own_verb && piece.refers_back)
        return add({2, "\"" + text::ellipsis(piece.text, 60) + "\" builds on what is asked before it"});
  }

  void add_pieces() {
    const auto in_title =
        std::count_if(request_.pieces.begin(), request_.pieces.end(), [](const Piece& piece) { return piece.in_title; });
    if (in_title >= 3) add({in_title >= 5 ? 2 : 1, "it asks for " + std::to_string(in_title) + " pieces of work"});
    const auto listed = std::count_if(request_.pieces.begin(), request_.pieces.end(), [](const Piece& piece) {
      return !piece.in_title && piece.link == Link::item && piece.own_verb;
    });
    if (listed >= 4) add({listed >= 6 ? 4 : 2, "its description lists " + std::to_string(listed) + " pieces of work"});
  }

  void decide() {
    const int threshold = catalogue_.settings.complexity_threshold;
    analysis_.complex = analysis_.score >= threshold;
    if (spec_.orchestration_required && *spec_.orchestration_required != analysis_.complex) {
      analysis_.complex = *spec_.orchestration_required;
      analysis_.reasons.push_back(analysis_.complex ? "+0: orchestration_required is true"
                                                    : "+0: orchestration_required is false");
    }
    if (analysis_.reasons.empty()) analysis_.reasons.emplace_back("+0: one piece of work for one master");
    if (analysis_.complex) analysis_.complexity = analysis_.score >= 2 * threshold ? Complexity::high : Complexity::medium;
  }

  const TaskSpec& spec_;
  const Catalogue& catalogue_;
  Request request_;  // its first piece gets what the type says
  Analysis analysis_;
  std::set<Work> kinds_;
};

}  // namespace

std::string why_routed(const Request& request, const Analysis& analysis, const Catalogue& catalogue) {
  for (const Piece& piece : request.pieces)
    if (const Route way = route(piece, catalogue); !analysis.masters.empty() && way.master == analysis.masters.front())
      return way.why;
  return "its type says so";
}

Analysis analyse(const Request& request, const TaskSpec& spec, const Catalogue& catalogue) {
  return Judge(request, spec, catalogue).run();
}

}  // namespace baton::core
