// The daemon's own document, for `baton plan`: what it has learned of how long subtasks take.
#include "protocol/document.h"
#include "protocol/readers.h"

namespace baton::protocol {

Result<core::Durations> read_estimates(std::string_view bytes) {
  TRY_VALUE(const Document document, Document::parse(bytes));
  TRY(document.validate(Kind::estimates));
  core::Durations durations;
  for (const nlohmann::json& each : document.root().at("estimates"))
    durations[{each.at("worker_type"), each.at("master")}] = {each.at("samples").get<std::int64_t>(),
                                                              each.at("mean_seconds").get<std::int64_t>() * 1'000};
  return durations;
}

}  // namespace baton::protocol
