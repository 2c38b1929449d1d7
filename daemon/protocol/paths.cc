#include "protocol/paths.h"

#include <array>
#include <charconv>
#include <cstddef>

#include "base/ids.h"
#include "base/result.h"

namespace baton::protocol::paths {
namespace {

constexpr std::size_t k_max_name = 255;  // bytes, NAME_MAX of every filesystem that Linux knows
constexpr std::string_view k_json = ".json";
constexpr std::string_view k_between = "-subtask-";

std::string concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (std::string_view part : parts) text += part;
  return text;
}

// The last line of defence: whoever reads a document or a command line checks the grammar long before.
std::string_view checked_id(std::string_view id) {
  BATON_ASSERT(is_record_id(id));
  return id;
}

std::string_view checked_master(std::string_view master) {
  BATON_ASSERT(is_master_name(master));
  return master;
}

std::string in_handoffs(std::string_view master, std::string_view rest) {
  return concat({k_masters, "/", checked_master(master), "/handoffs", rest});
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// Drops a last part ".<mark><digits>" and gives its number; -1 and nothing dropped when there is none.
int drop_number(std::string_view& text, std::string_view mark) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return -1;
  std::string_view part = text.substr(dot + 1);
  if (!drop_prefix(part, mark) || part.empty() || part.front() < '0' || part.front() > '9') return -1;
  int number = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (error != std::errc{} || end != part.data() + part.size()) return -1;
  text = text.substr(0, dot);
  return number;
}

// What stands behind the subtask's id: .json, then .processed, or .e<epoch> and the .N of a name that was taken.
struct Tail {
  bool known = false;
  bool processed = false;
  int epoch = 0;
};

Tail drop_tail(std::string_view& text) {
  Tail tail;
  if (drop_suffix(text, k_json)) return {true, false, 0};
  tail.processed = drop_suffix(text, ".processed");
  if (!tail.processed) {
    drop_number(text, "");
    if (const int epoch = drop_number(text, "e"); epoch > 0) tail.epoch = epoch;
  }
  tail.known = drop_suffix(text, k_json);
  return tail;
}

// <master>-subtask-<id>. Both grammars allow "-subtask-" inside, so the folder's master is tried first, then the shortest.
bool split_names(std::string_view text, std::string_view folder_master, HandoffName& name) {
  std::string_view rest = text;
  std::size_t at = 0;
  if (!folder_master.empty() && drop_prefix(rest, folder_master) && rest.starts_with(k_between)) {
    at = folder_master.size();
  } else {
    at = text.find(k_between);
    if (at == std::string_view::npos) return false;
  }
  const std::string_view master = text.substr(0, at);
  const std::string_view id = text.substr(at + k_between.size());
  if (!is_master_name(master) || !is_record_id(id)) return false;
  name.master = master;
  name.subtask_id = id;
  return true;
}

}  // namespace

std::string feed(int rotation) { return std::string(k_feed) + (rotation == 0 ? "" : "." + std::to_string(rotation)); }

std::string plan(std::string_view task_id) { return concat({k_plans, "/orch-", checked_id(task_id), k_json}); }
std::string plan_link(std::string_view task_id) { return concat({k_plans, "/", checked_id(task_id), k_json}); }
std::string subtask(std::string_view subtask_id) { return concat({k_subtasks, "/", checked_id(subtask_id), k_json}); }
std::string report_json(std::string_view task_id) { return concat({k_reports, "/", checked_id(task_id), k_json}); }
std::string report_md(std::string_view task_id) { return concat({k_reports, "/", checked_id(task_id), ".md"}); }
std::string escalation(std::string_view task_id) { return concat({k_escalations, "/", checked_id(task_id), k_json}); }

std::string master_folder(std::string_view master) { return concat({k_masters, "/", checked_master(master)}); }
std::string master_config(std::string_view master) { return concat({k_masters, "/", checked_master(master), "/master.json"}); }
std::string handoffs(std::string_view master) { return in_handoffs(master, ""); }
std::string claimed(std::string_view master) { return in_handoffs(master, "/claimed"); }
std::string done(std::string_view master) { return in_handoffs(master, "/done"); }
std::string stale(std::string_view master) { return in_handoffs(master, "/stale"); }

std::string handoff_id(std::string_view master, std::string_view subtask_id) {
  return concat({"to-", checked_master(master), k_between, checked_id(subtask_id)});
}

std::string handoff_name(std::string_view master, std::string_view subtask_id) {
  return concat({"to-", checked_master(master), k_between, checked_id(subtask_id), k_json});
}

std::string staged_name(std::string_view master, std::string_view subtask_id, int epoch) {
  return concat({".", handoff_name(master, subtask_id), ".e", std::to_string(epoch)});
}

std::string result_name(std::string_view master, std::string_view subtask_id) {
  return concat({"from-", checked_master(master), k_between, checked_id(subtask_id), k_json});
}

std::string worker_spec(std::string_view folder, std::string_view worker_id) {
  return concat({folder, "/", checked_id(worker_id), k_json});
}

bool is_error_name(std::string_view name) { return name.ends_with(k_error_ending); }

bool is_playbook_name(std::string_view name) { return name.ends_with(".json") && !is_private(name) && !is_error_name(name); }
std::string verdict_name(std::string_view worker_id) { return concat({checked_id(worker_id), k_verdict_ending}); }

std::string error_name(std::string_view name) {
  if (name.size() > k_max_name - k_error_ending.size()) {
    std::size_t end = k_max_name - k_error_ending.size();
    const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80U; };
    for (int back = 0; back < 3 && continues(end); ++back) --end;  // never half a UTF-8 character
    name = name.substr(0, end);
  }
  return concat({name, k_error_ending});
}

std::string orchestration_id(std::string_view task_id) { return concat({"orch-", task_id}); }

std::string task_of_orchestration(std::string_view id) {
  drop_prefix(id, "orch-");
  return std::string(id);
}

std::string join(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  return concat({folder, "/", name});
}

bool is_private(std::string_view name) {
  if (name.starts_with('.')) return true;
  for (std::string_view suffix : {"~", ".tmp", ".swp", ".part"}) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

HandoffName classify_handoff(std::string_view name, std::string_view folder_master) {
  HandoffName result;
  std::string_view text = name;
  const bool hidden = drop_prefix(text, ".");
  const bool outgoing = drop_prefix(text, "to-");
  if (!outgoing && !drop_prefix(text, "from-")) return result;
  const Tail tail = drop_tail(text);
  if (!tail.known) return result;
  if (hidden && (!outgoing || tail.epoch == 0)) return result;
  if (!outgoing && tail.processed) return result;
  if (!split_names(text, folder_master, result)) return result;
  result.epoch = tail.epoch;
  if (hidden)
    result.kind = NameKind::staged_handoff;
  else if (!outgoing)
    result.kind = NameKind::result;
  else
    result.kind = tail.processed ? NameKind::processed_handoff : NameKind::handoff;
  return result;
}

WorkerName classify_worker(std::string_view name) {
  struct Row {
    std::string_view suffix;
    WorkerFileKind kind;
  };
  constexpr std::array k_rows = {Row{".json", WorkerFileKind::spec}, Row{".pid", WorkerFileKind::pid},
                                 Row{".heartbeat", WorkerFileKind::heartbeat}};
  for (const Row& row : k_rows) {
    std::string_view id = name;
    if (drop_suffix(id, row.suffix) && is_record_id(id)) return {row.kind, std::string(id)};
  }
  return {};
}

std::vector<std::string> fixed_folders() {
  std::vector<std::string> folders;
  for (std::string_view folder : {k_drop,           k_accepted,          k_rejected,       k_masters,        k_workers,
                                  k_workers_active, k_workers_completed, k_workers_failed, k_workers_zombie, k_workers_stale,
                                  k_orchestrator,   k_playbooks,         k_plans,          k_subtasks,       k_state_folder,
                                  k_reports,        k_escalations,       k_commands,       k_commands_done,  k_archive}) {
    folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace baton::protocol::paths
