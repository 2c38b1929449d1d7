// How often a test that goes through many cases does so.
#pragma once

#include <cstdlib>

namespace baton::test {

/// `every_time` in the suite that everybody runs, `at_length` where BATON_AT_LENGTH is set: the same program, labelled "long".
inline int rounds(int every_time, int at_length) { return std::getenv("BATON_AT_LENGTH") == nullptr ? every_time : at_length; }

}  // namespace baton::test
