// What is kept of a stream of any length: its beginning and, if wished, its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baton::platform {

class KeptOutput {
 public:
  KeptOutput() = default;
  /// Bytes kept of the beginning and of the end; at most about twice `tail` are held on the way.
  KeptOutput(std::size_t head, std::size_t tail) : head_limit_(head), tail_limit_(tail) {}

  void add(std::string_view bytes);

  /// `left_out`: bytes between the two.
  struct Text {
    std::string head;
    std::string tail;
    std::int64_t left_out = 0;
  };
  /// All that was added; afterwards it is empty.
  Text take();

 private:
  void cut_tail();

  std::size_t head_limit_ = 0;
  std::size_t tail_limit_ = 0;
  Text text_;
};

}  // namespace baton::platform
