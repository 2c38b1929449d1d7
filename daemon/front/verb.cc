#include "front/verb.h"

#include <charconv>

#include "base/time.h"

namespace baton::front {

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return exit_code::k_usage;
    case ErrorCode::not_found: return exit_code::k_not_found;
    case ErrorCode::no_daemon: return exit_code::k_no_daemon;
    case ErrorCode::refused: return exit_code::k_refused;
    case ErrorCode::waiting: return exit_code::k_waiting;
    case ErrorCode::invalid: return exit_code::k_invalid;
    case ErrorCode::timed_out: return exit_code::k_timed_out;
    case ErrorCode::no_space:
    case ErrorCode::io: return exit_code::k_no;
  }
  return exit_code::k_no;
}

std::string Arguments::value(std::string_view name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string(fallback) : found->second.front();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::optional<std::int64_t>> Arguments::number(std::string_view name, std::int64_t least, std::int64_t most) const {
  if (!has(name)) return std::optional<std::int64_t>{};
  const std::string text = value(name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
    return fail(ErrorCode::usage, "--" + std::string(name) + " takes a whole number from " + std::to_string(least) + " to " +
                                      std::to_string(most) + ", not \"" + text + "\"");
  return std::optional<std::int64_t>{number};
}

Result<std::optional<std::int64_t>> Arguments::duration_ms(std::string_view name) const {
  if (!has(name)) return std::optional<std::int64_t>{};
  const std::string text = value(name);
  const auto duration = parse_duration(text);
  if (!duration)
    return fail(ErrorCode::usage, "--" + std::string(name) + " takes a duration, not \"" + text + "\"",
                "for example 30s, 5m or 1h30m");
  return std::optional<std::int64_t>{*duration};
}

}  // namespace baton::front
