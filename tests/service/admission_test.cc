#include "service/admission.h"

#include <doctest/doctest.h>

using namespace baton;
using service::judge;
using service::Machine;

namespace {

constexpr std::int64_t k_gib = 1LL << 30;

protocol::Config limits() {
  protocol::Config config;
  config.max_memory_pressure = 20;
  config.min_free_disk = k_gib;
  return config;
}

}  // namespace

TEST_CASE("a machine with enough of everything is short of nothing; one that measures no pressure is not under any") {
  CHECK(judge({3.0, 2 * k_gib}, limits(), "").shortage.empty());
  CHECK(judge({std::nullopt, 2 * k_gib}, limits(), "").shortage.empty());
}

TEST_CASE("short of memory, with the figures") {
  const core::MachineSeen seen = judge({35.7, 2 * k_gib}, limits(), "");
  CHECK(seen.shortage == "memory");
  CHECK(seen.message == "memory pressure is 35 %, max_memory_pressure 20");
}

TEST_CASE("short of disk, with the figures") {
  const core::MachineSeen seen = judge({1.0, k_gib / 2}, limits(), "");
  CHECK(seen.shortage == "disk");
  CHECK(seen.message == "512 MiB are free, min_free_disk is 1024 MiB");
}

TEST_CASE("around a limit nothing flutters: it has to become a little better than where it began") {
  CHECK(judge({18.0, 2 * k_gib}, limits(), "").shortage.empty());
  CHECK(judge({18.0, 2 * k_gib}, limits(), "memory").shortage == "memory");
  CHECK(judge({14.0, 2 * k_gib}, limits(), "memory").shortage.empty());
  const std::int64_t just_enough = k_gib + k_gib / 20;
  CHECK(judge({0.0, just_enough}, limits(), "").shortage.empty());
  CHECK(judge({0.0, just_enough}, limits(), "disk").shortage == "disk");
}

TEST_CASE("both can be switched off") {
  protocol::Config config = limits();
  config.max_memory_pressure = 100;
  config.min_free_disk = 0;
  CHECK(judge({99.0, 0}, config, "").shortage.empty());
}
