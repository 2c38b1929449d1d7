// What chance decides in a world: all of it from one seed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace baton::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::int64_t from_to(std::int64_t low, std::int64_t high) {  // both included; the same with every library
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(std::int64_t n) { return from_to(1, n) == 1; }
  std::uint32_t bits() { return static_cast<std::uint32_t>(engine_()); }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[from_to(0, static_cast<std::int64_t>(values.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace baton::simulation
