// A part of the terminal that is drawn again and again in place. The terminal is as before when it goes.
#pragma once

#include <string>
#include <string_view>

#include "front/output.h"

namespace baton::front {

class Screen {
 public:
  explicit Screen(Output& out);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Replaces what was drawn last by these lines; more than fit are cut with a line that says how many.
  void draw(std::string_view lines);
  /// Lines that fit.
  static std::size_t room();

 private:
  Output& out_;
  std::size_t drawn_ = 0;  // lines
};

}  // namespace baton::front
