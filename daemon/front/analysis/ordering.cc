#include "front/analysis/ordering.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

namespace baton::front {
namespace {

class Sorter {
 public:
  Sorter(std::size_t prompts, const std::vector<Need>& needs, const std::vector<std::vector<std::size_t>>& conflicts)
      : needs_(needs),
        conflicts_(conflicts),
        open_(prompts),
        waiting_(prompts),
        stage_(prompts),
        floors_(prompts),
        after_(prompts) {
    for (std::size_t i = 0; i < needs.size(); ++i) {
      waiting_[needs[i].later].insert(i);
      after_[needs[i].earlier].push_back(i);
    }
    for (std::size_t i = 0; i < prompts; ++i)
      if (waiting_[i].empty()) free_.insert(i);
  }

  Order run() {
    while (open_ > 0) {
      if (free_.empty()) break_circle();
      const std::size_t next = *free_.begin();
      free_.erase(free_.begin());
      place(next);
    }
    return std::move(order_);
  }

 private:
  void place(std::size_t prompt) {
    std::size_t stage = floors_[prompt];
    for (const std::size_t other : conflicts_[prompt])
      if (stage_[other]) stage = std::max(stage, *stage_[other] + 1);
    stage_[prompt] = stage;
    --open_;
    if (order_.stages.size() <= stage) order_.stages.resize(stage + 1);
    auto& members = order_.stages[stage];
    members.insert(std::ranges::lower_bound(members, prompt), prompt);
    for (const std::size_t need : after_[prompt]) release(need);
  }

  void release(std::size_t need) {
    const std::size_t later = needs_[need].later;
    if (waiting_[later].erase(need) == 0) return;  // given up before
    floors_[later] = std::max(floors_[later], *stage_[needs_[need].earlier] + 1);
    if (waiting_[later].empty()) free_.insert(later);
  }

  /// From the first that waits along what it waits for, until somebody comes up again: from there on it is a circle.
  std::vector<std::size_t> circle() const {
    std::size_t at = 0;
    while (waiting_[at].empty()) ++at;
    std::vector<std::size_t> way;
    std::vector<std::optional<std::size_t>> seen(waiting_.size());
    while (!seen[at]) {
      seen[at] = way.size();
      way.push_back(*waiting_[at].begin());
      at = needs_[way.back()].earlier;
    }
    return {way.begin() + static_cast<std::ptrdiff_t>(*seen[at]), way.end()};
  }

  void break_circle() {
    const std::vector<std::size_t> needs = circle();
    const std::size_t weakest = *std::ranges::min_element(needs, {}, [&](std::size_t need) {
      return std::tuple(needs_[need].certainty, needs_[need].later, needs_[need].earlier);
    });
    order_.given_up.push_back(weakest);
    auto& waiting = waiting_[needs_[weakest].later];
    waiting.erase(weakest);
    if (waiting.empty()) free_.insert(needs_[weakest].later);
  }

  const std::vector<Need>& needs_;
  const std::vector<std::vector<std::size_t>>& conflicts_;
  std::size_t open_;
  std::vector<std::set<std::size_t>> waiting_;  // by prompt: needs that are not met yet
  std::vector<std::optional<std::size_t>> stage_;
  std::vector<std::size_t> floors_;              // by prompt: the first stage after what it needs
  std::vector<std::vector<std::size_t>> after_;  // by prompt: needs that it meets
  std::set<std::size_t> free_;
  Order order_;
};

}  // namespace

Order stages_of(std::size_t prompts, const std::vector<Need>& needs, const std::vector<std::vector<std::size_t>>& conflicts) {
  return Sorter(prompts, needs, conflicts).run();
}

}  // namespace baton::front
