// The queue file from anybody: what is accepted is JSON, keeps its bytes, and can be changed without losing anything.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "protocol/content.h"
#include "protocol/queue_file.h"
#include "protocol/splice.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton::protocol;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = parse_queue(text);
  if (!file) return 0;
  BATON_ASSERT(file->bytes == text);
  std::vector<QueueEdit> edits;
  for (std::size_t i = 0; i < file->entries.size(); ++i) {
    const std::string_view entry = file->span(file->entries[i]);
    const std::string patched = patch_entry(entry, {{"status", "\"done\""}, {"report", ""}});
    BATON_ASSERT(canonical_content(patched) == canonical_content(entry));
    BATON_ASSERT(patch_entry(patched, {{"status", "\"done\""}, {"report", ""}}) == patched);
    if (i % 2 == 0) edits.push_back({i, patched});
  }
  const QueueRendering rendered = render_queue(*file, edits, {"{\"id\": \"new\"}"}, "now");
  const auto again = parse_queue(joined(rendered.pieces), outline_of(*file));
  BATON_ASSERT(again.has_value() && again->entries.size() == file->entries.size() + 1);
  for (std::size_t i = 1; i < file->entries.size(); i += 2)
    BATON_ASSERT(again->span(again->entries[i]) == file->span(file->entries[i]));
  return 0;
}
