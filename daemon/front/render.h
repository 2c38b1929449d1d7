// Text for people: tables, bars, ages. All text that goes in is made printable here, so that no document steers a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "front/output.h"

namespace baton::front {

/// Columns in as few blanks as they need. The last column is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  void row(std::vector<std::string> cells, Colour colour = Colour::none);
  /// Lines of at most `width` columns (0 = any): the widest column is cut with "…".
  void print(Output& out, std::size_t width = 0) const;
  bool empty() const { return rows_.empty(); }

 private:
  struct Row {
    std::vector<std::string> cells;
    Colour colour;
  };
  std::vector<std::size_t> widths(std::size_t limit) const;
  std::vector<std::string> headings_;
  std::vector<Row> rows_;
};

/// Columns that a text takes on a terminal: its code points.
std::size_t display_width(std::string_view text);
/// At most `columns` code points, the last one "…" when something was cut.
std::string cut_to(std::string_view text, std::size_t columns);
std::string pad_to(std::string text, std::size_t columns);
/// "████████░░░░" of `columns` columns.
std::string bar(int percent, std::size_t columns);
/// "2h30m" between a time stamp and now; "" when it is none.
std::string age_of(std::string_view timestamp, std::int64_t now_wall_ms);
/// The same from now on; "" when it is over, or no time stamp.
std::string left_until(std::string_view timestamp, std::int64_t now_wall_ms);
/// "1,234,567"
std::string grouped(std::int64_t number);
/// "1 task", "3 tasks"
std::string counted(std::int64_t number, std::string_view noun);

/// The colour of a task's or subtask's status.
Colour colour_of(std::string_view status);
/// Columns of the terminal on standard output; 0 = no terminal.
std::size_t terminal_width();

}  // namespace baton::front
