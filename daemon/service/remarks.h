// What the service itself has to say outside of a turn: entries of the feed, which the next turn takes along, and attentions that
// are no task's matter, which the state shows while they stand.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/effect.h"
#include "core/orchestrator.h"

namespace baton::service {

/// What went wrong, where in the document, and what helps.
inline std::string in_words(const Error& error) {
  std::string words = error.message;
  if (error.place.line > 0) words += " (line " + std::to_string(error.place.line) + ")";
  return error.hint.empty() ? words : words + "; " + error.hint;
}

class Remarks {
 public:
  void say(core::FeedEntry entry) { news_.push_back(std::move(entry)); }
  /// `reason`: one word. Told when it comes up; a new message for what stands already is no news. True: this is not what stood.
  bool raise(const std::string& reason, const std::string& message) {
    const auto [at, came_up] = standing_.try_emplace(reason);
    if (came_up) say({"attention_raised", "", "", "", {{"reason", reason}, {"message", message}}});
    const bool is_new = std::exchange(at->second, message) != message;
    reworded_ = reworded_ || is_new;
    return is_new;
  }
  void clear(const std::string& reason) {
    if (standing_.erase(reason) > 0) say({"attention_cleared", "", "", "", {{"reason", reason}}});
  }

  std::vector<core::Attention> attention() const {
    std::vector<core::Attention> all;
    for (const auto& [reason, message] : standing_) all.push_back({"", "", reason, message});
    return all;
  }
  /// An attention says something else than at the last call: the state is to show it, though nobody is told.
  bool take_reworded() { return std::exchange(reworded_, false); }
  bool has_news() const { return !news_.empty(); }
  std::vector<core::FeedEntry> take_news() { return std::exchange(news_, {}); }

 private:
  std::map<std::string, std::string> standing_;  // by reason
  std::vector<core::FeedEntry> news_;
  bool reworded_ = false;
};

}  // namespace baton::service
