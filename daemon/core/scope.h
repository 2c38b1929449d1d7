// How large a request is: wholes instead of parts, numbers of files, estimates in the text. Each finding is a share of the score.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"

namespace baton::core {

struct Share {
  int points = 0;
  std::string reason;
};

/// "complete platform", "across all services", "migrate … from … to …": the largest one found; 0 points = none.
Share whole_scope(const Request& request);
/// spec: "Affects 4+ files".
Share many_files(const Request& request);
/// spec: "Estimated >30 minutes or >20k tokens", said in the text or in context and metadata.
Share large_estimate(const Request& request, const TaskSpec& spec);
/// "schema, endpoints and pages": parts of a system that are built apart.
Share listed_parts(const Request& request);

/// The title asks to make a whole system: "Build a CRM".
bool makes_whole(const Request& request);

}  // namespace baton::core
