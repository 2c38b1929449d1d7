// What an agent prints, understood as far as it goes: JSON lines of the common agent programs (their --output-format stream-json
// or
// --json), or plain text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::runner {

struct AgentNews {
  std::string step;                // what it does now: "Edit src/a.cc"; empty: it does not say
  std::string answer;              // its last words: what it says that it did, or its last line
  std::int64_t tokens = 0;         // so far
  double cost_usd = 0;             // likewise; most say it only at the end
  bool failed = false;             // it says so itself
  bool rate_limited = false;       // it was told that its provider takes nothing at the moment
  std::int64_t resets_at = 0;      // seconds since 1970; 0 = not said
  bool is_in_pieces = false;       // the answer may go on with the next line
  std::string message_id;          // of the last message that told what it took
  std::int64_t tokens_before = 0;  // of all messages before that
};

class AgentOutput {
 public:
  static constexpr std::size_t k_longest_line = 1 << 20;  // bytes; longer ones are not looked at

  /// In pieces of any length, as they come.
  void add(std::string_view bytes);
  /// When nothing comes any more: a last line may lack its end.
  void finish();
  const AgentNews& news() const { return news_; }

 private:
  void line(std::string_view text);
  AgentNews news_;
  std::string begun_;  // a line whose end has not come
  bool skipping_ = false;
  bool speaks_json_ = false;  // then other lines are its complaints, not its answer
};

}  // namespace baton::runner
