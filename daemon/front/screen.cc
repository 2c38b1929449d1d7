#include "front/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <vector>

#include "base/text.h"

namespace baton::front {
namespace {

constexpr std::size_t k_default_rows = 24;
constexpr std::string_view k_hide_cursor = "\x1b[?25l";
constexpr std::string_view k_show_cursor = "\x1b[?25h";
// Long lines are cut by the terminal; wrapped ones would make the count of lines wrong.
constexpr std::string_view k_wrap_off = "\x1b[?7l";
constexpr std::string_view k_wrap_on = "\x1b[?7h";

std::size_t rows() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2 ? size.ws_row : k_default_rows;
}

}  // namespace

Screen::Screen(Output& out) : out_(out) { out_.raw(k_hide_cursor); }

Screen::~Screen() {
  out_.raw(k_show_cursor);
  out_.flush();
}

std::size_t Screen::room() { return rows() - 1; }

void Screen::draw(std::string_view text) {
  std::vector<std::string> lines = text::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const std::size_t fit = room();
  if (lines.size() > fit) {
    const std::size_t hidden = lines.size() - fit + 1;
    lines.resize(fit - 1);
    lines.push_back("… " + std::to_string(hidden) + " more");
  }
  std::string frame(k_wrap_off);
  if (drawn_ > 0) frame += "\x1b[" + std::to_string(drawn_) + "A";
  frame += "\r\x1b[J";
  for (const std::string& line : lines) frame += line + "\n";
  frame += k_wrap_on;
  drawn_ = lines.size();
  out_.raw(frame);
  out_.flush();
}

}  // namespace baton::front
