// What the core must know of orchestrator/config.json, masters/*/master.json and orchestrator/playbooks/*.json.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/durations.h"
#include "core/model.h"
#include "core/recovery_settings.h"

namespace baton::core {

inline constexpr int k_max_stages = 10;             // spec: "Maximum 10 stages"
inline constexpr int k_max_subtasks_bound = 2'000;  // upper bound of `max_subtasks`
inline constexpr int k_default_minutes = 15;        // a subtask without an estimate

enum class FileConflicts { all, plan, off };

/// orchestrator/config.json, as far as the core is concerned. Defaults as documented in docs/operations.md.
struct Settings {
  int complexity_threshold = 4;
  int max_subtasks = 50;
  std::string default_master = "development";
  int max_active_orchestrations = 0;  // 0 = no limit
  int max_active_subtasks = 0;
  FileConflicts file_conflicts = FileConflicts::all;
  bool has_planner_command = false;
  std::set<std::string, std::less<>> checkpoints;  // those with commands, as SubtaskSpec::checkpoint names them
  RecoverySettings recovery;
};

/// A folder under masters/, with its optional master.json.
struct Master {
  std::string name;
  std::string description;
  std::vector<std::string> domains;   // as written in Analysis::domains
  std::vector<std::string> keywords;  // words or phrases, lower case
  int max_active = 0;                 // 0 = no limit
  MasterRecovery recovery{};
};

/// One step of a playbook. Placeholders in title, description, success_criteria and files: {title}, {subject}, {slug}.
struct PlaybookStep {
  std::string role;  // last part of the subtask's id: design, backend, ...
  std::string title;
  std::string description;
  std::string master;  // a master; empty or unknown = routed by `domain`
  std::string domain;
  std::string worker_type;
  std::vector<std::string> dependencies;  // roles
  int estimated_minutes = 0;
  std::int64_t estimated_tokens = 0;
  std::vector<std::string> files;
  std::string success_criteria;
  bool orchestrate = false;
  std::vector<std::string> when_any;  // only when the request asks for one of these (words or phrases); empty = always
};

/// A decomposition recipe: orchestrator/playbooks/<name>.json.
struct Playbook {
  std::string name;
  std::string description;
  std::string slug;                     // first part of the subtasks' ids; empty = made from the title
  int priority = 0;                     // the higher one wins when several match
  std::vector<std::string> match_any;   // at least one of these words or phrases in the request
  std::vector<std::string> match_all;   // and all of these
  std::vector<std::string> match_none;  // and none of these
  std::vector<PlaybookStep> steps;
};

/// Everything that planning and scheduling look up; replaced as a whole when a file of it changes.
struct Catalogue {
  Settings settings;
  std::map<std::string, Master> masters;
  std::map<std::string, Playbook> playbooks;
  Durations durations{};  // of no file: the core keeps them when all else is replaced
};

}  // namespace baton::core
