// Expected failure as a value: what went wrong, where, and what the reader can do about it.
// Broken invariants are not errors; they are assertions (BATON_ASSERT) that stay on in release.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace baton {

/// The kinds of failure a caller tells apart. `front` maps them to exit codes.
enum class ErrorCode {
  usage,      // the caller's words are off
  not_found,  // no such task, subtask, file
  no_daemon,  // nobody answers
  refused,    // understood, and the answer is no
  waiting,    // a human has to decide first
  invalid,    // a document breaks its grammar, schema or a plan rule
  timed_out,  // no answer within the limit
  no_space,   // ENOSPC, EDQUOT, EROFS: tried again, nothing is lost
  io,         // any other failure of the operating system
};

/// "not_found": how a code is written in documents and in the envelope of --json.
std::string_view word_of(ErrorCode code);

/// A place inside a document. `pointer` is a JSON pointer (RFC 6901); line and column count from 1, 0 = unknown.
struct Place {
  std::string pointer;
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

/// One failure with a message for a person. `message` says what and where, `hint` what to do (may be empty).
struct Error {
  ErrorCode code = ErrorCode::io;
  std::string message;
  std::string hint;
  Place place;
  bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}, Place place = {}) {
  return tl::make_unexpected(Error{code, std::move(message), std::move(hint), std::move(place)});
}

/// "cannot open state/journal.db: Permission denied"; ENOSPC, EDQUOT and EROFS become no_space, ENOENT not_found.
tl::unexpected<Error> fail_errno(std::string_view what, int error_number);

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace baton

#define BATON_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::baton::assertion_failed(#condition, __FILE__, __LINE__))

#define BATON_JOIN_INNER(a, b) a##b
#define BATON_JOIN(a, b) BATON_JOIN_INNER(a, b)

/// Returns the error of `expression` from the enclosing function, if it has one.
#define TRY(expression)                                                                                           \
  do {                                                                                                            \
    if (auto try_result = (expression); !try_result) return ::tl::make_unexpected(std::move(try_result).error()); \
  } while (false)

/// Declares `variable` with the value of `expression`, or returns its error from the enclosing function.
#define TRY_VALUE(variable, expression)                                                                                     \
  auto BATON_JOIN(try_value_, __LINE__) = (expression);                                                                     \
  if (!BATON_JOIN(try_value_, __LINE__)) return ::tl::make_unexpected(std::move(BATON_JOIN(try_value_, __LINE__)).error()); \
  variable = std::move(*BATON_JOIN(try_value_, __LINE__))
