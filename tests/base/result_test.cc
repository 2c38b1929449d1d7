#include "base/result.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>

using namespace baton;

namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return fail(ErrorCode::invalid, "odd", "double it", {"/n", 2, 7});
  return number / 2;
}

Result<> must_be_even(int number) {
  TRY(half_of(number));
  return {};
}

Result<int> quarter_of(int number) {
  TRY_VALUE(const int half, half_of(number));
  TRY_VALUE(const int quarter, half_of(half));
  return quarter;
}

Result<std::unique_ptr<int>> boxed(int number) {
  TRY_VALUE(const int half, half_of(number));
  return std::make_unique<int>(half);
}

Result<int> unboxed(int number) {
  TRY_VALUE(const std::unique_ptr<int> box, boxed(number));
  return *box;
}

}  // namespace

TEST_CASE("a failure carries its message, its hint and its place through TRY and TRY_VALUE") {
  const Error odd{ErrorCode::invalid, "odd", "double it", {"/n", 2, 7}};
  CHECK(must_be_even(4).has_value());
  CHECK(must_be_even(3).error() == odd);
  CHECK(quarter_of(12) == 3);
  CHECK(quarter_of(6).error() == odd);
  CHECK(quarter_of(7).error() == odd);
  CHECK(unboxed(8) == 4);
  CHECK(unboxed(9).error() == odd);
}

TEST_CASE("errors of the operating system: the text names them, the code sorts them") {
  CHECK(fail_errno("cannot open state/journal.db", EACCES).value() ==
        Error{ErrorCode::io, "cannot open state/journal.db: Permission denied", "", {}});
  CHECK(fail_errno("cannot open a", ENOENT).value().code == ErrorCode::not_found);
  for (const int full : {ENOSPC, EDQUOT, EROFS}) CHECK(fail_errno("cannot write a", full).value().code == ErrorCode::no_space);
  for (const int other : {EIO, ENOTDIR, EMFILE, ELOOP}) CHECK(fail_errno("cannot write a", other).value().code == ErrorCode::io);
}

TEST_CASE("a broken invariant says what and where, and ends the program") {
  int channel[2];
  REQUIRE(pipe(channel) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGABRT, SIG_DFL);
    dup2(channel[1], STDERR_FILENO);
    BATON_ASSERT(2 + 2 == 4);
    BATON_ASSERT(2 + 2 == 5);
    _exit(0);
  }
  close(channel[1]);
  std::string said;
  char buffer[256];
  for (ssize_t n = 0; (n = read(channel[0], buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<std::size_t>(n));
  close(channel[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(said.starts_with("baton: broken invariant: 2 + 2 == 5 ("));
  CHECK(said.find("result_test.cc:") != std::string::npos);
}
