// A layer under SQLite that breaks things on purpose: it counts what is read and written, fails the nth write or sync with a code
// of the test's choice, and lets the test look at the files before any of them. It stands while the object lives.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace baton::test {

class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  int reads = 0;
  int writes = 0;     // syncs and truncations too
  int fail_at = -1;   // which of `writes` fails, counted from 0; -1 = none
  int fail_code = 0;  // an SQLite code
  int fail_errno = 0;
  bool fail_after = false;  // every later one too
  bool only_syncs = false;  // count and fail syncs only
  std::function<void(const std::string& path, std::string_view bytes, std::int64_t offset)> before_write;
};

}  // namespace baton::test
