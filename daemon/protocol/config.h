// orchestrator/config.json: every setting, its default, and where a value came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/settings.h"
#include "protocol/checkpoint.h"

namespace baton::protocol {

/// What becomes of the branch of a completed task.
enum class Integrate { leave, fast_forward, merge, pull_request };

struct Config {
  core::Settings core;
  std::int64_t settle_ms = 1'000;
  std::int64_t max_open_ms = 600'000;
  std::int64_t view_interval_ms = 200;
  std::int64_t rescan_ms = 2'000;
  std::int64_t events_max_bytes = 64LL << 20;
  int events_keep = 5;
  std::int64_t max_document_bytes = 8LL << 20;
  std::int64_t max_queue_bytes = 64LL << 20;
  std::vector<std::string> planner_command;  // empty = none
  std::int64_t planner_timeout_ms = 300'000;
  std::vector<std::string> notify_command;  // empty = none
  std::int64_t notify_timeout_ms = 30'000;
  Checks checkpoints;
  std::int64_t min_free_disk = 512LL << 20;  // bytes; with less, nothing new is handed out. 0 = any will do
  int max_memory_pressure = 20;              // percent of the last 10 s in which something waited for memory; 100 = any will do
  std::string workspace;                     // absolute, or relative to the coordination folder; empty = the folder that holds it
  Integrate integrate = Integrate::leave;
  std::string state_dir;  // likewise; empty = orchestrator/state

  bool operator==(const Config& other) const;
};

/// "leave", "fast_forward", "merge", "pull_request"; nothing: none of them.
std::optional<Integrate> integrate_of(std::string_view word);
std::vector<std::string> integrate_words();

/// Comments are allowed. An unknown key is an error that names the nearest known one; a value out of range says the range.
Result<Config> read_config(std::string_view bytes);

/// One row of `baton config`: key, value as JSON text, and whether it is the default.
struct ConfigRow {
  std::string key;
  std::string value;
  bool is_default = true;
};
std::vector<ConfigRow> config_rows(const Config& config);

/// masters/<name>/master.json and orchestrator/playbooks/<name>.json. Comments are allowed.
Result<core::Master> read_master(std::string_view name, std::string_view bytes);
Result<core::Playbook> read_playbook(std::string_view name, std::string_view bytes);

}  // namespace baton::protocol
