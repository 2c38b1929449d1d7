// Another process that uses a journal: this test program again, with one of its hidden test cases.
#pragma once

#include <sys/types.h>

#include <string>

namespace baton::test {

/// Starts the test case `name` on `journal`; its standard output can be read from output().
class Process {
 public:
  Process(const std::string& name, const std::string& journal);
  ~Process();  // kills it
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  int output() const { return output_; }
  std::string read_all() const;
  void kill_now();

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

inline constexpr const char* k_journal_variable = "BATON_TEST_JOURNAL";

}  // namespace baton::test
