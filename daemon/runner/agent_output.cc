#include "runner/agent_output.h"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace baton::runner {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t k_longest_answer = 4 * 1024;
constexpr std::size_t k_longest_step = 200;
constexpr std::int64_t k_most_tokens = 1'000'000'000'000'000;  // what a worker spec and a result may say
constexpr double k_most_cost = 1e9;
constexpr std::int64_t k_latest_s = 100'000'000'000;  // what is later is no time stamp in seconds

std::string text_at(const dom::element& at, std::string_view key) {
  std::string_view text;
  return at[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

bool flag_at(const dom::element& at, std::string_view key) {
  bool flag = false;
  return at[key].get(flag) == simdjson::SUCCESS && flag;
}

std::optional<std::int64_t> number_at(const dom::element& at, std::string_view key) {
  std::int64_t number = 0;
  if (at[key].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

/// The whole of a conversation, in any of the common spellings; 0 = nothing is said.
std::int64_t tokens_in(const dom::element& usage) {
  const auto count_of = [&usage](std::string_view key) {
    return std::clamp<std::int64_t>(number_at(usage, key).value_or(0), 0, k_most_tokens);
  };
  if (const std::int64_t total = count_of("total_tokens"); total > 0) return total;
  std::int64_t sum = 0;
  for (const std::string_view key : {"input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"})
    sum += count_of(key);
  return std::min(sum, k_most_tokens);
}

/// "Edit src/a.cc", "Bash make test"
std::string step_of(const dom::element& tool) {
  std::string step = text_at(tool, "name") + text_at(tool, "tool_name");
  dom::element input;
  if (tool["input"].get(input) != simdjson::SUCCESS && tool["parameters"].get(input) != simdjson::SUCCESS) return step;
  for (const std::string_view key : {"file_path", "path", "command", "pattern", "description"})
    if (const std::string value = text_at(input, key); !value.empty()) return step + " " + text::ellipsis(value, k_longest_step);
  return step;
}

bool is_about_limit(std::string_view words) {
  constexpr std::array<std::string_view, 9> k_phrases{"rate limit exceeded", "rate limit reached",  "rate limit hit",
                                                      "rate_limit_error",    "rate_limit_exceeded", "usage limit reached",
                                                      "quota exceeded",      "too many requests",   "overloaded_error"};
  const std::string lower = text::lower(words);
  return std::ranges::any_of(k_phrases, [&](std::string_view phrase) { return lower.find(phrase) != std::string::npos; });
}

/// "usage limit reached|1752339600": seconds since 1970, after the last bar.
std::int64_t reset_in(std::string_view words) {
  const std::size_t bar = words.rfind('|');
  std::int64_t seconds = 0;
  if (bar == std::string_view::npos) return 0;
  const std::string_view digits = text::trim(words.substr(bar + 1));
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  return parsed.ec == std::errc() && seconds > 0 && seconds < k_latest_s ? seconds : 0;
}

void take_limit(AgentNews& news, std::string_view words) {
  if (!is_about_limit(words)) return;
  news.rate_limited = true;
  news.resets_at = reset_in(words);
}

/// {"type":"message","role":"assistant","content":"...","delta":true}: in pieces, until something else comes.
void take_piece(AgentNews& news, const dom::element& event, bool goes_on) {
  const bool is_piece = flag_at(event, "delta");
  const std::string text = text_at(event, "content");
  news.answer = text::ellipsis(is_piece && goes_on ? news.answer + text : text, k_longest_answer);
}

void take_message(AgentNews& news, const dom::element& message) {
  dom::array parts;
  if (message["content"].get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) {
    const std::string type = text_at(part, "type");
    if (type == "text") news.answer = text::ellipsis(text_at(part, "text"), k_longest_answer);
    if (type == "tool_use") news.step = text::printable(step_of(part));
  }
}

/// {"id":"msg_1","usage":{...}}: what this one message took. It comes once for each of its parts.
void take_usage(AgentNews& news, const dom::element& message) {
  dom::element usage;
  if (message["usage"].get(usage) != simdjson::SUCCESS || !usage.is_object()) return;
  if (std::string id = text_at(message, "id"); id.empty() || id != news.message_id) {
    news.message_id = std::move(id);
    news.tokens_before = news.tokens;
  }
  news.tokens = std::max(news.tokens, std::min(news.tokens_before + tokens_in(usage), k_most_tokens));
}

/// Of the whole conversation. What its end says is better than what was added up.
void take_total(AgentNews& news, const dom::element& usage, bool is_end) {
  const std::int64_t total = tokens_in(usage);
  news.tokens = is_end && total > 0 ? total : std::max(news.tokens, total);
}

/// {"type":"item.completed","item":{"type":"agent_message","text":…}} and {"item":{"type":"command_execution","command":…}}
void take_item(AgentNews& news, const dom::element& item) {
  const std::string type = text_at(item, "type");
  if (type == "agent_message") news.answer = text::ellipsis(text_at(item, "text"), k_longest_answer);
  if (const std::string command = text_at(item, "command"); !command.empty())
    news.step = text::printable(text::ellipsis(command, k_longest_step));
}

/// The last line of all: what came of it.
void take_result(AgentNews& news, const dom::element& event) {
  news.failed = flag_at(event, "is_error");
  double cost = 0;
  if (event["total_cost_usd"].get(cost) == simdjson::SUCCESS) news.cost_usd = std::clamp(cost, 0.0, k_most_cost);
  const std::string words = text_at(event, "result");
  if (!words.empty()) news.answer = text::ellipsis(words, k_longest_answer);
  if (news.failed) take_limit(news, words);
}

/// Not always the end: whether it failed its exit tells, but for a turn that says so.
void take_error(AgentNews& news, const dom::element& event, bool is_end) {
  std::string words = text_at(event, "message");
  dom::element error;
  if (words.empty() && event["error"].get(error) == simdjson::SUCCESS && error.is_object()) words = text_at(error, "message");
  news.failed = news.failed || is_end;
  if (is_end) news.answer = text::ellipsis(words, k_longest_answer);
  take_limit(news, words);
}

void take(AgentNews& news, const dom::element& event) {
  dom::element inner;
  const std::string type = text_at(event, "type");
  if (type != "error" && type != "result") news.rate_limited = false;  // it goes on
  if (event["message"].get(inner) == simdjson::SUCCESS && inner.is_object() && type == "assistant") {
    take_message(news, inner);
    take_usage(news, inner);
  }
  if (event["item"].get(inner) == simdjson::SUCCESS && inner.is_object()) take_item(news, inner);
  for (const std::string_view key : {"usage", "stats"})
    if (event[key].get(inner) == simdjson::SUCCESS && inner.is_object()) take_total(news, inner, type == "result");
  if (type == "message" && text_at(event, "role") == "assistant") take_piece(news, event, news.is_in_pieces);
  news.is_in_pieces = type == "message";
  if (type == "tool_use") news.step = text::printable(step_of(event));
  if (type == "result") take_result(news, event);
  if (type == "error" || type == "turn.failed") take_error(news, event, type == "turn.failed");
}

}  // namespace

void AgentOutput::line(std::string_view text) {
  text = text::trim(text);
  if (text.empty()) return;
  if (text.front() == '{') {
    thread_local dom::parser parser;
    dom::element event;
    if (parser.parse(text.data(), text.size()).get(event) == simdjson::SUCCESS && event.is_object()) {
      speaks_json_ = true;
      return take(news_, event);
    }
  }
  if (!speaks_json_) news_.answer = text::ellipsis(text::escape_non_utf8(text), k_longest_answer);
}

void AgentOutput::add(std::string_view bytes) {
  for (;;) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (!skipping_ && begun_.size() + piece.size() <= k_longest_line)
      begun_ += piece;
    else
      skipping_ = true;
    if (end == std::string_view::npos) return;
    if (!skipping_) line(begun_);
    begun_.clear();
    skipping_ = false;
    bytes.remove_prefix(end + 1);
  }
}

void AgentOutput::finish() {
  if (!skipping_) line(begun_);
  begun_.clear();
}

}  // namespace baton::runner
