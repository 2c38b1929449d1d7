// The store at the grain of a commit: what a start finds is what the last commit held, and nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/orchestrator.h"

namespace baton::simulation {

class Journal {
 public:
  /// The records that `changes` names, as `core` has them now, and the documents that were used.
  void commit(const core::Changes& changes, const core::Orchestrator& core, const std::set<std::int64_t>& inputs);
  core::Remembered load() const;
  bool knows_input(std::int64_t id) const { return inputs_.contains(id); }

  std::string boot_id;          // of the last run that had looked at all that lay there
  std::int64_t skipped_ms = 0;  // by service::SteadyClock

 private:
  void put_task(const std::string& task_id, const core::Orchestrator& core);
  void put_attention(const core::AttentionChange& change);

  std::map<std::string, core::Task> live_;
  std::map<std::string, core::WorkerRecord> workers_;
  std::map<std::string, core::MasterRecord> masters_;
  std::vector<core::Attention> attention_;
  std::set<std::int64_t> inputs_;
  core::Totals totals_;
};

}  // namespace baton::simulation
