// One coordination folder with the real program over it: drops documents, plays masters by rename alone, kills and restarts the
// daemon, and waits for conditions (never for time).
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/process.h"

namespace baton::test {

using nlohmann::json;

class Sandbox {
 public:
  static constexpr bool k_sanitized = BATON_SANITIZED;  // the program that is tested

  /// Makes a temporary folder with `baton init` in it. `parent`: where (empty: the system's temporary folder).
  explicit Sandbox(const std::string& parent = {});
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const std::string& root() const { return root_; }  // the coordination folder
  std::string path(const std::string& relative) const { return root_ + "/" + relative; }

  /// Starts `baton daemon` and waits until its state says running with its pid.
  void start();
  /// Starts it without waiting.
  void launch();
  void kill9();
  /// The next daemon is started before the killed one can be gone.
  void kill9_and_start();
  /// The daemon is not this box's any more: another one can be started beside it.
  platform::Process give_away();
  /// SIGTERM; the exit code.
  int stop();
  bool running();
  int pid() const { return daemon_ ? daemon_->pid() : 0; }
  /// What the daemon printed (after it ended).
  std::string log() const { return log_; }

  /// Runs `baton --coordination ROOT ARGS…`.
  platform::Exit run(const std::vector<std::string>& args, const std::string& input = {});

  // Files. Writing is by hidden name and rename, as docs/protocol.md asks of writers.
  void put(const std::string& relative, const std::string& bytes);
  void put_plainly(const std::string& relative, const std::string& bytes);  // > file
  void drop(const std::string& name, const std::string& bytes) { put("task-queue.d/" + name, bytes); }
  void drop(const std::string& name, const json& document) { drop(name, document.dump(2)); }
  bool exists(const std::string& relative) const;
  std::string read(const std::string& relative) const;               // "" when missing
  json document(const std::string& relative) const;                  // null when missing or no JSON
  std::vector<std::string> list(const std::string& relative) const;  // sorted, without hidden names

  json plan(const std::string& task_id) const { return document("orchestrator/tasks/orch-" + task_id + ".json"); }
  std::string status(const std::string& task_id) const;  // of the plan; "" when there is none
  std::vector<json> feed() const;                        // every line, over rotation; a line that does not parse fails the test
  std::vector<json> feed(const std::string& type) const;
  /// seq from 1, each once, in order.
  void check_seq() const;

  /// True as soon as `condition` holds; false after `seconds`.
  static bool eventually(const std::function<bool()>& condition, int seconds = 30);
  /// The same, failing the test with the feed's tail.
  void require_eventually(const std::string& what, const std::function<bool()>& condition, int seconds = 30);

  /// orchestrator/config.json with these settings, short waits besides.
  void configure(const json& settings = json::object());
  /// Renames beneath the coordination folder, as anybody's `mv` would.
  void move(const std::string& from, const std::string& to);
  /// The reason file of a dropped file that was refused; waits for it.
  json require_refusal(const std::string& name);
  void require_status(const std::string& task_id, const std::string& status);
  /// Waits until the feed has at least `count` entries of the type.
  void require_feed(const std::string& type, std::size_t count = 1);
  /// Everything dropped before was looked at: a task dropped now is handed out.
  void pass_by();
  /// Every .json beneath the folder parses, but for what the test itself put (`besides`: parts of paths).
  void check_documents(const std::set<std::string>& besides = {}) const;
  /// The most memory that the daemon ever had resident, in KiB.
  long peak_memory_kib() const;

  // Masters, as little as an agent needs.
  static std::string handoff_path(const std::string& master, const std::string& subtask_id);
  void require_handoff(const std::string& master, const std::string& subtask_id);
  void claim(const std::string& master, const std::string& subtask_id);
  void answer(const std::string& master, const std::string& subtask_id, const json& result);
  void complete(const std::string& master, const std::string& subtask_id, const std::string& summary = "done");
  /// Claims and completes every handoff that appears until `until` holds.
  void play(const std::function<bool()>& until, int seconds = 60);

 private:
  std::string folder_;
  std::string root_;
  std::optional<platform::Process> daemon_;
  std::string log_;
  int hidden_ = 0;
  int passed_ = 0;
};

}  // namespace baton::test
