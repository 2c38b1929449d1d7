// state/current.json, kept piecewise. What a task says of itself stays as text until the task changes, so that writing the state
// of 10,000 live tasks (3 MB) costs a copy and not 10,000 looks.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model.h"
#include "core/orchestrator.h"
#include "protocol/task_health.h"

namespace baton::protocol {

struct StateView {
  std::int64_t seq = 0;
  std::int64_t now_wall_ms = 0;
  std::string version;
  std::int64_t pid = 0;
  std::int64_t started_at = 0;
  std::string daemon_state;                     // running, out_of_space, no_journal, stopping, stopped
  std::string message;                          // why not running; empty = nothing to say
  std::vector<core::Attention> attention = {};  // what no task tells
};

class StateWriter {
 public:
  /// This task came, changed or ended.
  void changed(const std::string& task_id) { changed_.insert(task_id); }
  /// The whole document. The first one looks at all live tasks, later ones at those that changed.
  std::string write(const core::Orchestrator& core, const StateView& view);

 private:
  struct Share {  // of one subtask
    std::size_t master = 0;
    core::SubtaskStatus status = core::SubtaskStatus::pending;
    bool orchestrated = false;
  };
  struct Piece {
    std::string text;  // its element of current_orchestrations
    core::PlanStatus status = core::PlanStatus::planning;
    std::vector<Share> shares;
  };
  struct Load {
    int queued = 0;  // ready for it, or handed to it and not taken yet
    int active = 0;  // taken; one whose worker counts as dead and has not ended, too
    int all = 0;     // subtasks of live tasks, whatever their status
  };

  static void add_parents(const core::Orchestrator& core, std::set<std::string>& ids);
  void take(Troubles troubles);
  void renew(const core::Task& task);
  void drop(const std::string& task_id);
  void count(const Piece& piece, int by);
  std::size_t master_index(const std::string& name);
  std::map<std::string, Load> loads(const core::Catalogue& catalogue) const;

  std::map<std::string, Piece> pieces_;  // by task id
  std::set<std::string> changed_;
  Troubles troubles_;  // as of the last write
  std::vector<std::string> masters_;
  std::vector<Load> loads_;                   // of masters_
  std::map<std::string_view, int> tasks_;     // live ones by status
  std::map<std::string_view, int> subtasks_;  // of live tasks by status
  std::size_t bytes_ = 0;                     // of the last document
  bool complete_ = false;                     // all live tasks have been looked at
};

}  // namespace baton::protocol
