// One prepared statement, kept for the life of the connection. Parameters are bound one after the other, columns read by number.
// Texts are bound by reference: they must live until the statement has run.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::store {

class Statement {
 public:
  Result<> prepare(sqlite3* db, std::string_view sql);

  void bind(std::int64_t value);
  void bind(std::string_view text);
  void bind_null();
  void bind_blob(std::string_view bytes);
  void bind_copy(std::string_view text);  // for a text that does not live long enough

  /// Binds all values, runs to the end and is ready for the next use.
  template <class... Values>
  Result<> run(const Values&... values) {
    (bind(values), ...);
    return finish();
  }
  Result<> finish();  // the same when everything is bound

  /// True: there is a row to read. False: that was all.
  Result<bool> step();
  void reset();
  std::int64_t changes() const;  // rows that the last run of any statement changed

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  // valid until the next step or reset
  int columns() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void note(int code);
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int parameter_ = 0;  // the last one bound
};

/// One use of a statement that gives rows; frees the statement for the next use at its end.
class Query {
 public:
  template <class... Values>
  explicit Query(Statement& statement, const Values&... values) : statement_(statement) {
    (statement_.bind(values), ...);
  }
  ~Query() { statement_.reset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Result<bool> next() { return statement_.step(); }

 private:
  Statement& statement_;
};

}  // namespace baton::store
