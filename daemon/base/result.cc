#include "base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace baton {
namespace {

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EROFS: return ErrorCode::no_space;
    case ENOENT: return ErrorCode::not_found;
    default: return ErrorCode::io;
  }
}

}  // namespace

std::string_view word_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return "usage";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::no_daemon: return "no_daemon";
    case ErrorCode::refused: return "refused";
    case ErrorCode::waiting: return "waiting";
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::no_space: return "no_space";
    case ErrorCode::io: return "io";
  }
  return "io";
}

tl::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(error_number);
  return fail(code_of(error_number), std::move(message));
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "baton: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace baton
