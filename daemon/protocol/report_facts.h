// What a report counts and lists, the same for its JSON and its Markdown. Private to the writers of reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model.h"

namespace baton::protocol {

struct ReportFacts {
  int subtasks = 0, completed = 0, skipped = 0, failed = 0;  // without what was split; failed: and zombie
  int attempts = 0;                                          // all tries, those before a retry included; likewise tokens and time
  std::int64_t tokens_used = 0;
  std::int64_t elapsed_ms = 0;              // from the first handoff to the end; 0 = never started
  std::int64_t worked_ms = 0;               // sum over subtasks, from claim to answer
  std::vector<std::string> artifacts;       // of all subtasks, each once, in order
  std::vector<std::string> files_modified;  // likewise
};

ReportFacts report_facts(const core::Task& task);

/// "All 6 subtasks were completed." and what else has to be known, in a sentence or two.
std::string report_summary(const core::Task& task, const ReportFacts& facts);

}  // namespace baton::protocol
