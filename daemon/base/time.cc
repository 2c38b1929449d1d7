#include "base/time.h"

#include <array>
#include <chrono>
#include <optional>

#include "base/cursor.h"
#include "base/text.h"

namespace baton {
namespace {

constexpr std::int64_t k_second = 1000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::int64_t k_latest_ms = 253'402'300'799'999;  // the last millisecond of the year 9999
constexpr std::int64_t k_epoch_ms_from =
    100'000'000'000;                           // epoch numbers from here on are milliseconds: in seconds, the year 5138
constexpr std::size_t k_epoch_min_digits = 9;  // "2025" or "20251105" is a date gone wrong, not an epoch
constexpr std::size_t k_epoch_max_digits = 15;

/// The digits after a decimal point as milliseconds, what is finer cut off: "5" → 500, "123456" → 123.
std::int64_t milliseconds_of(std::string_view fraction) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return ms;
}

/// ".123" or ",123" when it stands here. Nothing after the point is an error.
std::optional<std::int64_t> read_fraction(Cursor& cursor) {
  if (!cursor.skip_one_of(".,")) return 0;
  const std::string_view digits = cursor.digits();
  if (digits.empty()) return std::nullopt;
  return milliseconds_of(digits);
}

/// "2025-11-05" as milliseconds of its midnight; a day that no calendar has is none.
std::optional<std::int64_t> read_date(Cursor& cursor) {
  const auto year = cursor.fixed(4);
  if (!year || !cursor.skip('-')) return std::nullopt;
  const auto month = cursor.fixed(2);
  if (!month || !cursor.skip('-')) return std::nullopt;
  const auto day = cursor.fixed(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * k_day;
}

/// "18:00", "18:00:00", "18:00:00.123". A leap second is the first of the next minute.
std::optional<std::int64_t> read_clock(Cursor& cursor) {
  const auto hour = cursor.fixed(2);
  if (!hour || !cursor.skip(':')) return std::nullopt;
  const auto minute = cursor.fixed(2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const std::int64_t whole = *hour * k_hour + *minute * k_minute;
  if (!cursor.skip(':')) return whole;
  const auto second = cursor.fixed(2);
  if (!second || *second > 60) return std::nullopt;
  const auto fraction = read_fraction(cursor);
  if (!fraction) return std::nullopt;
  return whole + *second * k_second + *fraction;
}

/// "+02:00", "-0600", "+02" as milliseconds east of UTC.
std::optional<std::int64_t> read_offset(Cursor& cursor) {
  const std::int64_t sign = cursor.skip('-') ? -1 : 1;
  if (sign > 0 && !cursor.skip('+')) return std::nullopt;
  const auto hours = cursor.fixed(2);
  if (!hours || *hours > 23) return std::nullopt;
  if (cursor.done()) return sign * *hours * k_hour;
  cursor.skip(':');
  const auto minutes = cursor.fixed(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * k_hour + *minutes * k_minute);
}

std::optional<Timestamp> read_calendar(std::string_view text) {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  if (!date) return std::nullopt;
  if (cursor.done()) return Timestamp{*date, true};
  if (!cursor.skip_one_of("Tt ")) return std::nullopt;
  const auto clock = read_clock(cursor);
  if (!clock) return std::nullopt;
  if (cursor.done()) return Timestamp{*date + *clock, true};
  cursor.skip(' ');
  if (cursor.skip_one_of("Zz")) {
    if (!cursor.done()) return std::nullopt;
    return Timestamp{*date + *clock, false};
  }
  const auto offset = read_offset(cursor);
  if (!offset || !cursor.done()) return std::nullopt;
  return Timestamp{*date + *clock - *offset, false};
}

/// Epoch seconds ("1762342920", "1762342920.25") or milliseconds, told apart by their size.
std::optional<Timestamp> read_epoch(std::string_view text) {
  Cursor cursor(text);
  const std::string_view digits = cursor.digits();
  if (digits.size() < k_epoch_min_digits || digits.size() > k_epoch_max_digits) return std::nullopt;
  const std::int64_t number = *to_number(digits);
  const auto fraction = read_fraction(cursor);
  if (!fraction || !cursor.done()) return std::nullopt;
  return Timestamp{number >= k_epoch_ms_from ? number : number * k_second + *fraction, false};
}

/// Digits with leading zeros; printf takes ten times as long, and a state has a time stamp for every task.
void put_number(std::string& text, std::size_t at, std::size_t digits, int number) {
  for (std::size_t i = digits; i-- > 0; number /= 10) text[at + i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string format_utc(std::int64_t wall_ms) {
  if (wall_ms == 0) return {};
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(wall_ms)};
  const auto midnight = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(point - midnight));
  std::string text = "0000-00-00T00:00:00Z";
  put_number(text, 0, 4, static_cast<int>(date.year()));
  put_number(text, 5, 2, static_cast<int>(static_cast<unsigned>(date.month())));
  put_number(text, 8, 2, static_cast<int>(static_cast<unsigned>(date.day())));
  put_number(text, 11, 2, static_cast<int>(clock.hours().count()));
  put_number(text, 14, 2, static_cast<int>(clock.minutes().count()));
  put_number(text, 17, 2, static_cast<int>(clock.seconds().count()));
  return text;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const std::string_view trimmed = text::trim(text);
  std::optional<Timestamp> read = read_calendar(trimmed);
  if (!read) read = read_epoch(trimmed);
  if (read && read->wall_ms >= 0 && read->wall_ms <= k_latest_ms) return *read;
  return fail(ErrorCode::invalid,
              "cannot read the time stamp " + quoted(text) + (read ? ": it lies outside the years 1970 to 9999" : ""),
              "write it like \"2025-11-05T18:00:00Z\"");
}

}  // namespace baton
