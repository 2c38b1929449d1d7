// Durations and sizes: a number and its unit. The grammar is that of docs/protocol.md, "Configuration".
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/cursor.h"
#include "base/text.h"
#include "base/time.h"

namespace baton {
namespace {

constexpr std::int64_t k_second = 1000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;

std::optional<std::int64_t> product(std::int64_t count, std::int64_t unit) {
  if (count > std::numeric_limits<std::int64_t>::max() / unit) return std::nullopt;
  return count * unit;
}

struct Unit {
  std::string_view name;
  std::int64_t value;
};

constexpr std::array<Unit, 5> k_duration_units = {{{"d", k_day}, {"h", k_hour}, {"m", k_minute}, {"s", k_second}, {"ms", 1}}};
constexpr std::array<Unit, 6> k_size_units = {{{"", 1},
                                               {"B", 1},
                                               {"KiB", std::int64_t{1} << 10},
                                               {"MiB", std::int64_t{1} << 20},
                                               {"GiB", std::int64_t{1} << 30},
                                               {"TiB", std::int64_t{1} << 40}}};

tl::unexpected<Error> refuse_duration(std::string_view text, std::string_view why) {
  return fail(ErrorCode::invalid, "cannot read the duration " + quoted(text) + ": " + std::string(why),
              "write it like \"500ms\", \"3m\" or \"1h30m\"");
}

tl::unexpected<Error> refuse_size(std::string_view text, std::string_view why) {
  return fail(ErrorCode::invalid, "cannot read the size " + quoted(text) + ": " + std::string(why),
              "write it like 4096, \"512 KiB\" or \"64MiB\"");
}

/// "64MB", "64 mb" and "64M" all mean MiB to most people; the answer says so instead of guessing.
std::string unknown_size_unit(std::string_view name) {
  std::string why = "unknown unit " + quoted(name);
  const std::string lowered = text::lower(name);
  for (const Unit& unit : k_size_units) {
    if (unit.value > 1 && lowered.front() == text::lower(unit.name).front())
      return why + " (did you mean \"" + std::string(unit.name) + "\"?)";
  }
  return why;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  Cursor cursor(text::trim(text));
  if (cursor.done()) return refuse_duration(text, "it is empty");
  std::int64_t total = 0;
  std::int64_t smallest_yet = std::numeric_limits<std::int64_t>::max();
  while (!cursor.done()) {
    const std::string_view digits = cursor.digits();
    if (digits.empty()) return refuse_duration(text, "a number is missing before " + quoted(cursor.rest()));
    const std::string_view name = cursor.letters();
    if (name.empty()) return refuse_duration(text, "a unit is missing after " + quoted(digits) + " (ms, s, m, h or d)");
    const auto* unit = std::ranges::find(k_duration_units, name, &Unit::name);
    if (unit == k_duration_units.end()) return refuse_duration(text, "unknown unit " + quoted(name) + " (ms, s, m, h or d)");
    if (unit->value >= smallest_yet) return refuse_duration(text, "each unit comes once, the largest first");
    smallest_yet = unit->value;
    const auto count = to_number(digits);
    const auto part = count ? product(*count, unit->value) : std::nullopt;
    if (!part || *part > std::numeric_limits<std::int64_t>::max() - total) return refuse_duration(text, "it is too long");
    total += *part;
  }
  return total;
}

std::string format_duration(std::int64_t ms) {
  if (ms == 0) return "0s";
  std::string out = ms < 0 ? "-" : "";
  std::uint64_t rest = ms < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(ms) : static_cast<std::uint64_t>(ms);
  for (const Unit& unit : k_duration_units) {
    const auto value = static_cast<std::uint64_t>(unit.value);
    if (rest < value) continue;
    out += std::to_string(rest / value);
    out += unit.name;
    rest %= value;
  }
  return out;
}

Result<std::int64_t> parse_size(std::string_view text) {
  Cursor cursor(text::trim(text));
  const std::string_view digits = cursor.digits();
  if (digits.empty()) return refuse_size(text, "it does not begin with a number");
  const std::string_view name = text::trim(cursor.rest());
  const auto* unit = std::ranges::find(k_size_units, name, &Unit::name);
  if (unit == k_size_units.end()) return refuse_size(text, unknown_size_unit(name));
  const auto count = to_number(digits);
  const auto bytes = count ? product(*count, unit->value) : std::nullopt;
  if (!bytes) return refuse_size(text, "it is too large");
  return *bytes;
}

std::string format_size(std::int64_t bytes) {
  constexpr std::int64_t k_unit = 1'024;
  if (bytes < k_unit * k_unit) return std::to_string(bytes / k_unit) + " KiB";
  if (bytes < k_unit * k_unit * k_unit) return std::to_string(bytes / (k_unit * k_unit)) + " MiB";
  const std::int64_t tenths = bytes / (k_unit * k_unit * k_unit / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

}  // namespace baton
