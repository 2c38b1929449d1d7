#include <doctest/doctest.h>

#include <limits>

#include "base/time.h"

using namespace baton;

namespace {

std::string duration_refusal(std::string_view text) {
  const auto read = parse_duration(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::invalid);
  CHECK(read.error().hint == "write it like \"500ms\", \"3m\" or \"1h30m\"");
  return read.error().message;
}

std::string size_refusal(std::string_view text) {
  const auto read = parse_size(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::invalid);
  CHECK(read.error().hint == "write it like 4096, \"512 KiB\" or \"64MiB\"");
  return read.error().message;
}

}  // namespace

TEST_CASE("durations are read") {
  CHECK(parse_duration("500ms") == 500);
  CHECK(parse_duration("3m") == 180'000);
  CHECK(parse_duration("90m") == 5'400'000);
  CHECK(parse_duration("1h30m") == 5'400'000);
  CHECK(parse_duration("1d2h3m4s5ms") == 93'784'005);
  CHECK(parse_duration(" 2s ") == 2000);
  CHECK(parse_duration("0s") == 0);
  CHECK(parse_duration("9223372036854775807ms") == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("a duration that cannot be read says why") {
  CHECK(duration_refusal("") == "cannot read the duration \"\": it is empty");
  CHECK(duration_refusal("180") == "cannot read the duration \"180\": a unit is missing after \"180\" (ms, s, m, h or d)");
  CHECK(duration_refusal("m") == "cannot read the duration \"m\": a number is missing before \"m\"");
  CHECK(duration_refusal("-3m") == "cannot read the duration \"-3m\": a number is missing before \"-3m\"");
  CHECK(duration_refusal("3 m") == "cannot read the duration \"3 m\": a unit is missing after \"3\" (ms, s, m, h or d)");
  CHECK(duration_refusal("3min") == "cannot read the duration \"3min\": unknown unit \"min\" (ms, s, m, h or d)");
  CHECK(duration_refusal("1.5h") == "cannot read the duration \"1.5h\": a unit is missing after \"1\" (ms, s, m, h or d)");
  CHECK(duration_refusal("30m1h") == "cannot read the duration \"30m1h\": each unit comes once, the largest first");
  CHECK(duration_refusal("1m1m") == "cannot read the duration \"1m1m\": each unit comes once, the largest first");
  CHECK(duration_refusal("9223372036854775808ms").ends_with("it is too long"));
  CHECK(duration_refusal("9223372036854775807s").ends_with("it is too long"));
  CHECK(duration_refusal("9223372036854775s808ms").ends_with("it is too long"));
}

TEST_CASE("durations are written so that they read back the same") {
  CHECK(format_duration(5'400'000) == "1h30m");
  CHECK(format_duration(500) == "500ms");
  CHECK(format_duration(93'784'005) == "1d2h3m4s5ms");
  CHECK(format_duration(86'400'001) == "1d1ms");
  CHECK(format_duration(0) == "0s");
  CHECK(format_duration(-1500) == "-1s500ms");
  CHECK(format_duration(std::numeric_limits<std::int64_t>::min()) == "-106751991167d7h12m55s808ms");
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{60'000},
                                std::int64_t{86'399'999}, std::numeric_limits<std::int64_t>::max()})
    CHECK(parse_duration(format_duration(ms)) == ms);
}

TEST_CASE("sizes are read") {
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("17B") == 17);
  CHECK(parse_size("8KiB") == 8192);
  CHECK(parse_size("64MiB") == 67'108'864);
  CHECK(parse_size("512 MiB") == 536'870'912);
  CHECK(parse_size("1GiB") == 1'073'741'824);
  CHECK(parse_size("8388607TiB") == 8'388'607 * (std::int64_t{1} << 40));
  CHECK(parse_size("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("a size that cannot be read says why") {
  CHECK(size_refusal("") == "cannot read the size \"\": it does not begin with a number");
  CHECK(size_refusal("-1") == "cannot read the size \"-1\": it does not begin with a number");
  CHECK(size_refusal("64MB") == "cannot read the size \"64MB\": unknown unit \"MB\" (did you mean \"MiB\"?)");
  CHECK(size_refusal("64 gib") == "cannot read the size \"64 gib\": unknown unit \"gib\" (did you mean \"GiB\"?)");
  CHECK(size_refusal("64pages") == "cannot read the size \"64pages\": unknown unit \"pages\"");
  CHECK(size_refusal("1.5MiB") == "cannot read the size \"1.5MiB\": unknown unit \".5MiB\"");
  CHECK(size_refusal("9223372036854775808").ends_with("it is too large"));
  CHECK(size_refusal("8388608TiB").ends_with("it is too large"));
}

TEST_CASE("sizes for people are rounded down") {
  CHECK(format_size(0) == "0 KiB");
  CHECK(format_size(1'023) == "0 KiB");
  CHECK(format_size((1 << 20) - 1) == "1023 KiB");
  CHECK(format_size(1 << 20) == "1 MiB");
  CHECK(format_size((1 << 30) - 1) == "1023 MiB");
  CHECK(format_size(1 << 30) == "1.0 GiB");
  CHECK(format_size(3LL << 29) == "1.5 GiB");
}
