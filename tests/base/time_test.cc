#include "base/time.h"

#include <doctest/doctest.h>

using namespace baton;

namespace {

constexpr std::int64_t k_example_ms = 1'762'365'600'000;  // 2025-11-05T18:00:00Z

struct Reading {
  std::string_view text;
  std::int64_t wall_ms;
  bool zone_assumed;
};

std::string refusal(std::string_view text) {
  const auto read = parse_timestamp(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::invalid);
  CHECK(read.error().hint == "write it like \"2025-11-05T18:00:00Z\"");
  return read.error().message;
}

}  // namespace

TEST_CASE("time stamps are written in UTC to the second") {
  CHECK(format_utc(k_example_ms) == "2025-11-05T18:00:00Z");
  CHECK(format_utc(k_example_ms + 999) == "2025-11-05T18:00:00Z");
  CHECK(format_utc(1'709'164'800'000) == "2024-02-29T00:00:00Z");
  CHECK(format_utc(253'402'300'799'999) == "9999-12-31T23:59:59Z");
  CHECK(format_utc(-1) == "1969-12-31T23:59:59Z");
  CHECK(format_utc(0).empty());
}

TEST_CASE("every form of time stamp that agents were seen to write is read") {
  constexpr std::int64_t k_hour = 3'600'000;
  const Reading readings[] = {
      {"2025-11-05T18:00:00Z", k_example_ms, false},
      {"2025-11-05t18:00:00z", k_example_ms, false},
      {"2025-11-05T18:00Z", k_example_ms, false},
      {" 2025-11-05T18:00:00Z\n", k_example_ms, false},
      {"2025-11-05T18:00:00.123Z", k_example_ms + 123, false},
      {"2025-11-05T18:00:00,5Z", k_example_ms + 500, false},
      {"2025-11-05T18:00:00.123456Z", k_example_ms + 123, false},
      {"2025-11-05T18:00:00.999999999Z", k_example_ms + 999, false},
      {"2025-11-05T12:00:00-06:00", k_example_ms, false},
      {"2025-11-05T12:00:00-0600", k_example_ms, false},
      {"2025-11-05T23:45:00+0545", k_example_ms, false},
      {"2025-11-05T20:00:00+02", k_example_ms, false},
      {"2025-11-05 20:00:00 +0200", k_example_ms, false},
      {"2025-11-05T20:00:00.250+02:00", k_example_ms + 250, false},
      {"2025-11-05T18:00:00", k_example_ms, true},
      {"2025-11-05 18:00:00.5", k_example_ms + 500, true},
      {"2025-11-05", k_example_ms - 18 * k_hour, true},
      {"1762365600", k_example_ms, false},
      {"1762365600.25", k_example_ms + 250, false},
      {"1762365600123", k_example_ms + 123, false},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000, false},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000, false},
      {"1970-01-01T00:00:00Z", 0, false},
      {"9999-12-31T23:59:59.999Z", 253'402'300'799'999, false},
  };
  for (const Reading& expected : readings) {
    CAPTURE(expected.text);
    const auto read = parse_timestamp(expected.text);
    REQUIRE(read.has_value());
    CHECK(read->wall_ms == expected.wall_ms);
    CHECK(read->zone_assumed == expected.zone_assumed);
  }
}

TEST_CASE("epoch numbers: seconds below 10^11, milliseconds from there on") {
  CHECK(parse_timestamp("100000000")->wall_ms == 100'000'000'000);
  CHECK(parse_timestamp("99999999999")->wall_ms == 99'999'999'999'000);
  CHECK(parse_timestamp("100000000000")->wall_ms == 100'000'000'000);
  CHECK(parse_timestamp("253402300799999")->wall_ms == 253'402'300'799'999);
  CHECK(refusal("253402300800000").ends_with("it lies outside the years 1970 to 9999"));
}

TEST_CASE("what is no time stamp is refused with what it was") {
  CHECK(refusal("yesterday") == "cannot read the time stamp \"yesterday\"");
  CHECK(refusal("") == "cannot read the time stamp \"\"");
  CHECK(refusal("1969-12-31T23:59:59Z") ==
        "cannot read the time stamp \"1969-12-31T23:59:59Z\": it lies outside the years 1970 to 9999");
  CHECK(refusal("1970-01-01T00:00:00+00:01").ends_with("it lies outside the years 1970 to 9999"));
  CHECK(refusal(std::string(100, '9') + "\n").size() < 80);
  const std::string_view refused[] = {"2025",
                                      "20251105",
                                      "2025-1-05",
                                      "2025-13-01",
                                      "2025-00-01",
                                      "2025-02-29T00:00:00Z",
                                      "2025-11-31",
                                      "2025-11-05T",
                                      "2025-11-05T18",
                                      "2025-11-05T24:00:00Z",
                                      "2025-11-05T18:60:00Z",
                                      "2025-11-05T18:00:61Z",
                                      "2025-11-05T18:00:00.Z",
                                      "2025-11-05T18:00:00Zulu",
                                      "2025-11-05T18:00:00+1",
                                      "2025-11-05T18:00:00+24:00",
                                      "2025-11-05T18:00:00+02:60",
                                      "2025-11-05T18:00:00+02:00x",
                                      "2025-11-05T18:00:00 CET",
                                      "-1762365600",
                                      "1762365600x",
                                      "17623656001234567",
                                      "1762365600."};
  for (const std::string_view text : refused) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text).has_value());
  }
}
