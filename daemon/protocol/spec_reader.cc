#include "protocol/spec_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "protocol/json_tokens.h"
#include "protocol/spec_values.h"

namespace baton::protocol {
namespace {

// What needs no second look to be sure of: no escapes, nothing but ASCII, no text that is as good as absent, and only
// numbers without an exponent. Whatever else stands there is read the long way.
constexpr std::size_t k_longest_text = 1024, k_longest_number = 15;
constexpr std::size_t k_longest_spec = 4096;  // nobody has to remember more

/// The length of the token that `text` begins with, or 0.
std::size_t plain_text(std::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  const std::size_t end = text.substr(0, k_longest_text).find('"', 1);
  if (end == std::string_view::npos) return 0;
  const std::string_view inside = text.substr(1, end - 1);
  const auto is_plain = [](char c) { return c >= ' ' && c < '\x7f' && c != '\\'; };
  const std::string_view word = text::trim(inside);
  return !word.empty() && word != "null" && std::ranges::all_of(inside, is_plain) ? end + 1 : 0;
}

std::size_t plain_number(std::string_view text) {
  const auto digits = [text](std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return end - from;
  };
  const std::size_t whole = digits(0);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return 0;
  const bool has_point = whole < text.size() && text[whole] == '.';
  const std::size_t after = has_point ? digits(whole + 1) : 0;
  if (has_point && after == 0) return 0;
  const std::size_t end = whole + (has_point ? 1 + after : 0);
  return end <= k_longest_number ? end : 0;
}

std::string_view unquoted(std::string_view token) { return token.substr(1, token.size() - 2); }

double number(std::string_view token) {
  double value = 0;
  std::from_chars(token.data(), token.data() + token.size(), value);
  return value;
}

struct Member {
  std::string_view key;
  bool is_text;
  void (*take)(WorkerIn& worker, std::string_view token);
};
constexpr std::array<Member, 5> k_members{{
    {"progress_percent", false,
     [](WorkerIn& worker, std::string_view token) { worker.progress_percent = progress_of(number(token)); }},
    {"current_step", true, [](WorkerIn& worker, std::string_view token) { worker.current_step = unquoted(token); }},
    {"last_heartbeat", true, [](WorkerIn& worker, std::string_view token) { worker.last_heartbeat = time_of(unquoted(token)); }},
    {"tokens_used", false, [](WorkerIn& worker, std::string_view token) { worker.tokens_used = tokens_of(number(token)); }},
    {"cost_usd", false, [](WorkerIn& worker, std::string_view token) { worker.cost_usd = number(token); }},
}};

}  // namespace

Result<WorkerIn> SpecReader::read(std::string_view bytes) {
  if (auto known = again(bytes)) return *std::move(known);
  last_.clear();
  Result<WorkerIn> worker = read_worker_spec(bytes);
  if (!worker) return worker;
  worker->result = {};
  if (!worker->has_result) remember(bytes, *worker);
  return worker;
}

void SpecReader::remember(std::string_view bytes, const WorkerIn& worker) {
  slots_.clear();
  if (bytes.size() > k_longest_spec) return;
  const std::vector<JsonMember> members = object_members(bytes);
  for (const Member& member : k_members) {
    const auto is_it = [&member](const JsonMember& each) { return each.key == member.key; };
    const auto at = std::ranges::find_if(members, is_it);
    if (at == members.end() || std::ranges::count_if(members, is_it) != 1) continue;
    const std::string_view token = bytes.substr(at->value_begin, at->value_end - at->value_begin);
    if ((member.is_text ? plain_text(token) : plain_number(token)) != token.size()) continue;
    slots_.push_back({at->value_begin, at->value_end, member.is_text, member.take});
  }
  if (slots_.empty()) return;
  std::ranges::sort(slots_, {}, &Slot::begin);
  last_ = bytes;
  worker_ = worker;
}

std::optional<WorkerIn> SpecReader::again(std::string_view bytes) const {
  if (last_.empty()) return std::nullopt;
  std::array<std::string_view, k_members.size()> tokens;
  std::size_t from = 0, to = 0;  // of what was said last, of what is said now
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::string_view before = std::string_view(last_).substr(from, slots_[i].begin - from);
    if (!bytes.substr(to).starts_with(before)) return std::nullopt;
    to += before.size();
    const std::string_view rest = bytes.substr(to);
    tokens[i] = rest.substr(0, slots_[i].is_text ? plain_text(rest) : plain_number(rest));
    if (tokens[i].empty()) return std::nullopt;
    from = slots_[i].end;
    to += tokens[i].size();
  }
  if (bytes.substr(to) != std::string_view(last_).substr(from)) return std::nullopt;
  WorkerIn worker = worker_;
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].take(worker, tokens[i]);
  return worker;
}

}  // namespace baton::protocol
