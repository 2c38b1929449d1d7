// The parts of the service over a real folder, real files (behind a FaultFiles) and a real journal, without the process. A
// Workshop is the folder; a Run is one life of the daemon in it. A crash is an exception thrown between two primitives.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "platform/fault_files.h"
#include "platform/temp_folder.h"
#include "platform/watch.h"
#include "service/archive.h"
#include "service/backup.h"
#include "service/feed.h"
#include "service/handoff_files.h"
#include "service/inputs.h"
#include "service/intake.h"
#include "service/jobs.h"
#include "service/publisher.h"
#include "service/queue_keeper.h"
#include "service/views.h"
#include "service/workers.h"
#include "service/world.h"

namespace baton::test {

using nlohmann::json;

struct Crash {};

class Workshop {
 public:
  /// With the masters development and security, all folders made.
  Workshop();

  std::string get(const std::string& path) const { return folder.get(path); }
  json document(const std::string& path) const { return json::parse(folder.get(path)); }
  bool has(const std::string& path) const { return folder.has(path); }
  void put(const std::string& path, const std::string& bytes) const { folder.put(path, bytes); }
  /// As docs/protocol.md asks of writers: by hidden name and rename.
  void drop(const std::string& path, const std::string& bytes) const;
  void move(const std::string& from, const std::string& to) const;
  void remove(const std::string& path) const;
  std::vector<std::string> list(const std::string& path, bool hidden = false) const;  // sorted
  platform::Identity identity(const std::string& path);

  TempFolder folder;
  std::unique_ptr<platform::Files> real;
  FaultFiles files;
  protocol::Config config;
};

class Run {
 public:
  /// Opens the journal, restores the core and all parts; the journal is closed without ceremony when the Run goes.
  explicit Run(Workshop& workshop, const std::string& boot_id = "boot-1");

  /// One turn: `fill`, stage, commit, perform. The result of perform.
  Result<> turn(const std::function<void(service::Turn&)>& fill);
  /// The same, told one thing.
  template <class What>
  Result<> tell(What what) {
    return turn([&](service::Turn& turn) { turn.tell(std::move(what)); });
  }
  /// A dropped task without a document: simple, or of these explicit subtasks ("a", "b<a": b depends on a, "c!": c becomes a task
  /// of its own).
  void task(const std::string& id, const std::vector<std::string>& subtasks = {});
  /// What intake takes; afterwards the turn is committed and performed.
  void take();
  void claim(const std::string& subtask_id);
  void complete(const std::string& subtask_id);
  /// All views, due or not.
  void write_views();
  /// All views that are due, as a loop that rests writes them: in as many slices as this machine takes for them.
  void write_due(const protocol::StateView& state, service::Turn& turn);

  Workshop& workshop;
  store::Store store;
  store::Loaded loaded;
  core::Orchestrator core;
  service::World world;
  platform::Watch watch;
  service::Inputs inputs;
  service::HandoffFiles handoffs;
  service::Feed feed;
  service::QueueKeeper queue;
  service::Views views;
  service::Jobs jobs;
  service::Archive archive;
  service::Backups backups;
  platform::Loop loop;
  service::Workers workers;
  service::Children children;
  service::Intake intake;
  service::Publisher publisher;
};

/// Plays `act` in a fresh folder prepared by `prepare`, stopping before (or after) the n-th changing primitive, for every n;
/// after each stop a new Run is handed to `check`. Returns how many stops there were.
int crash_everywhere(const std::function<void(Workshop&)>& prepare, const std::function<void(Run&)>& act,
                     const std::function<void(Run&)>& check);

}  // namespace baton::test
