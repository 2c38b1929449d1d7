#include "platform/kept_output.h"

#include <algorithm>
#include <utility>

namespace baton::platform {

void KeptOutput::add(std::string_view bytes) {
  const std::size_t to_head = std::min(bytes.size(), head_limit_ - text_.head.size());
  text_.head.append(bytes.substr(0, to_head));
  text_.tail.append(bytes.substr(to_head));
  if (text_.tail.size() > 2 * tail_limit_) cut_tail();  // not for every byte
}

void KeptOutput::cut_tail() {
  if (text_.tail.size() <= tail_limit_) return;
  const std::size_t surplus = text_.tail.size() - tail_limit_;
  text_.tail.erase(0, surplus);
  text_.left_out += static_cast<std::int64_t>(surplus);
}

KeptOutput::Text KeptOutput::take() {
  cut_tail();
  return std::exchange(text_, {});
}

}  // namespace baton::platform
