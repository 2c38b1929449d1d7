#include "protocol/splice.h"

#include "base/result.h"

namespace baton::protocol {

std::string splice(std::string_view text, const std::vector<Splice>& splices) {
  std::size_t size = text.size(), from = 0;
  for (const Splice& part : splices) size += part.bytes.size();
  std::string out;
  out.reserve(size);
  for (const Splice& part : splices) {
    BATON_ASSERT(from <= part.begin && part.begin <= part.end && part.end <= text.size());
    out += text.substr(from, part.begin - from);
    out += part.bytes;
    from = part.end;
  }
  out += text.substr(from);
  return out;
}

}  // namespace baton::protocol
