#include "protocol/read_estimate.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/cursor.h"
#include "base/ids.h"
#include "base/text.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

// No piece gets more than the rules of a plan allow it to say of itself.
constexpr std::int64_t k_max_minutes = 100'000;
constexpr std::int64_t k_max_tokens = 1'000'000'000;
constexpr std::int64_t k_max_whole = 1'000'000'000'000;

std::optional<double> minutes_in(std::string_view unit) {
  static const std::vector<std::string> k_minutes{"m", "min", "mins", "minute", "minutes"};
  static const std::vector<std::string> k_hours{"h", "hr", "hrs", "hour", "hours"};
  static const std::vector<std::string> k_days{"d", "day", "days"};
  const std::string word = text::lower(unit);
  const auto is_in = [&](const std::vector<std::string>& words) { return std::ranges::find(words, word) != words.end(); };
  if (is_in(k_minutes)) return 1;
  if (is_in(k_hours)) return 60;
  if (is_in(k_days)) return 24 * 60;
  return std::nullopt;
}

std::string with_plain_dashes(std::string_view words) {
  std::string plain(text::trim(words));
  for (const std::string_view dash : {"–", "—"})
    for (auto at = plain.find(dash); at != std::string::npos; at = plain.find(dash)) plain.replace(at, dash.size(), "-");
  return plain;
}

std::optional<double> read_number(Cursor& cursor) {
  const auto whole = to_number(cursor.digits());
  if (!whole) return std::nullopt;
  double number = static_cast<double>(*whole);
  if (!cursor.skip('.')) return number;
  const std::string_view fraction = cursor.digits();
  const auto digits = to_number(fraction);
  if (!digits) return std::nullopt;
  return number + static_cast<double>(*digits) / std::pow(10, static_cast<double>(fraction.size()));
}

std::optional<std::int64_t> whole_number(const json& value) {
  if (value.is_number()) {
    const double number = value.get<double>();
    return number > 0 && number < static_cast<double>(k_max_whole) ? std::optional(static_cast<std::int64_t>(number))
                                                                   : std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  std::string digits(text::trim(value.get_ref<const std::string&>()));
  std::erase_if(digits, [](char c) { return c == ',' || c == '_'; });
  const auto number = to_number(digits);
  return number && *number > 0 && *number < k_max_whole ? number : std::nullopt;
}

std::optional<std::int64_t> minutes(const json& value) {
  return value.is_string() ? read_minutes(value.get_ref<const std::string&>()) : whole_number(value);
}

using Names = std::initializer_list<const char*>;

/// The value under one of these names: at the top first, then in these members.
const json* said(const json& plan, Names names, Names inside = {"resource_estimate"}) {
  std::vector<const json*> objects{&plan};
  for (const char* member : inside)
    if (const auto found = plan.find(member); found != plan.end() && found->is_object()) objects.push_back(&*found);
  for (const json* object : objects)
    for (const char* name : names)
      if (const auto found = object->find(name); found != object->end() && !has_no_value(*found)) return &*found;
  return nullptr;
}

using Reader = std::optional<std::int64_t> (*)(const json&);

/// What is left of the whole when those that have an estimate are taken off, in equal parts for those that have none.
void share_out(Fields& fields, Names names, Reader read, const char* member, std::int64_t most) {
  const json* value = said(fields.object(), names);
  if (value == nullptr) return;
  const auto whole = read(*value);
  if (!whole) return fields.document().warn(std::string(*names.begin()) + " was ignored: " + text::ellipsis(value->dump(), 60));
  std::int64_t rest = *whole;
  std::vector<json*> open;
  for (json& step : *fields.find("subtasks")) {
    if (!step.is_object()) continue;
    if (step.contains(member))
      rest -= std::clamp<std::int64_t>(integer_of(step, member), 0, k_max_whole);
    else
      open.push_back(&step);
  }
  if (open.empty() || rest <= 0) return;
  const auto share = std::clamp<std::int64_t>(rest / static_cast<std::int64_t>(open.size()), 1, most);
  for (json* step : open) (*step)[member] = share;
}

/// Only where one master does it all is it clear who does what.
void give_to_only_master(Fields& fields) {
  const json* masters = said(fields.object(), {"masters_involved", "masters"});
  if (masters == nullptr) return;
  const json only = masters->is_array() && masters->size() == 1 ? masters->front() : *masters;
  if (!only.is_string()) return;
  const std::string master = text::lower(text::trim(only.get_ref<const std::string&>()));
  if (!is_master_name(master)) return;
  for (json& step : *fields.find("subtasks"))
    if (step.is_object() && !step.contains("assigned_to")) step["assigned_to"] = master;
}

}  // namespace

std::optional<std::int64_t> read_minutes(std::string_view words) {
  const std::string plain = with_plain_dashes(words);
  Cursor cursor(plain);
  double sum = 0;
  std::optional<double> without_unit;
  while (!cursor.done()) {
    if (cursor.skip_one_of(" ~")) continue;
    if (cursor.skip('-')) {  // what came before was the lower end
      sum = 0;
      without_unit.reset();
    } else if (const std::string_view word = cursor.letters(); !word.empty()) {
      const auto unit = minutes_in(word);
      if (!unit || !without_unit) return std::nullopt;
      sum += *without_unit * *unit;
      without_unit.reset();
    } else {
      if (without_unit) return std::nullopt;
      without_unit = read_number(cursor);
      if (!without_unit) return std::nullopt;
    }
  }
  sum += without_unit.value_or(0);
  if (!(sum > 0) || sum > static_cast<double>(k_max_whole)) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(sum));
}

WholeEstimate whole_estimate(const json& task) {
  const Names inside{"resource_estimate", "metadata", "context"};
  const auto read = [&](Names names, Reader reader, std::int64_t most) {
    const json* value = said(task, names, inside);
    return value == nullptr ? 0 : std::min(reader(*value).value_or(0), most);
  };
  WholeEstimate whole;
  whole.minutes =
      static_cast<int>(read({"total_estimated_duration", "duration_estimate", "estimated_duration_minutes", "estimated_minutes"},
                            minutes, k_max_minutes));
  whole.tokens = read({"total_estimated_tokens", "token_estimate", "estimated_tokens"}, whole_number, k_max_whole);
  return whole;
}

void share_out_estimates(Fields& fields) {
  const json* steps = fields.find("subtasks");
  if (steps == nullptr || !steps->is_array()) return;
  share_out(fields, {"total_estimated_duration", "duration_estimate"}, minutes, "estimated_duration_minutes", k_max_minutes);
  share_out(fields, {"total_estimated_tokens", "token_estimate"}, whole_number, "estimated_tokens", k_max_tokens);
  give_to_only_master(fields);
}

}  // namespace baton::protocol
