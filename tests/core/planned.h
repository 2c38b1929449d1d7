// What becomes of a request, for tests that have no use for the request as it was read.
#pragma once

#include <utility>

#include "core/planning.h"

namespace baton::core {

inline Analysis analyse(const TaskSpec& spec, const Catalogue& catalogue) { return analyse(read_request(spec), spec, catalogue); }
inline const Playbook* matching_playbook(const TaskSpec& spec, const Catalogue& catalogue) {
  return matching_playbook(read_request(spec), spec, catalogue);
}
inline Steps expand_playbook(const Playbook& playbook, const TaskSpec& spec, const Catalogue& catalogue) {
  return expand_playbook(playbook, read_request(spec), spec, catalogue);
}
inline Steps expand_rules(const TaskSpec& spec, const Analysis& analysis, const Catalogue& catalogue) {
  return expand_rules(read_request(spec), spec, analysis, catalogue);
}
inline Result<Plan> make_simple_plan(const TaskSpec& spec, Analysis analysis, const Catalogue& catalogue) {
  return make_simple_plan(read_request(spec), spec, std::move(analysis), catalogue);
}

}  // namespace baton::core
