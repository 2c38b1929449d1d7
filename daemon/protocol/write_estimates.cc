#include <algorithm>

#include "protocol/json_write.h"
#include "protocol/writers.h"

namespace baton::protocol {

std::string write_estimates(const core::Durations& durations) {
  JsonWriter out;
  out.begin_object();
  out.member("schema_version", 1);
  out.begin_array("estimates");
  for (const auto& [key, duration] : durations) {
    out.begin_object();
    out.member("worker_type", key.first);
    out.member("master", key.second);
    out.member("samples", duration.samples);
    out.member("mean_seconds", duration.mean_ms / 1'000);
    if (const auto minutes = core::learned_minutes(durations, key)) out.member("estimated_duration_minutes", *minutes);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take_line();
}

}  // namespace baton::protocol
