// Taking a handoff by renaming it into claimed/, for whoever does the work: `baton claim` prints it, `baton work` does it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model.h"
#include "front/assignment.h"
#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

struct Claimed {
  std::string path;  // in claimed/
  std::string bytes;
  HandoffView handoff;
};

/// The name of a master that is there. usage: nothing was given; not_found, with the nearest one.
Result<std::string> find_master(const Folder& folder, const std::string& given, const std::string& example);

/// The handoffs of one master that nobody has, for who claims many: each file is read once for its place in the order.
class HandoffList {
 public:
  static constexpr std::int64_t k_fresh_ms = 100;
  /// `task_id`: only of this task; empty: of any.
  HandoffList(const Folder& folder, std::string master, std::string task_id = "")
      : folder_(folder), master_(std::move(master)), task_id_(std::move(task_id)) {}

  /// There may be others than at the last look, which is at most k_fresh_ms old then.
  void look() { is_stale_ = true; }
  /// Takes the most urgent, then the oldest. Nothing when none is left. Another claimer who was faster is no error.
  Result<std::optional<Claimed>> claim();

 private:
  struct Candidate {
    core::Priority priority = core::Priority::medium;
    std::string created_at;
    std::string name;
    std::string task_id;
    bool operator<(const Candidate& other) const;
  };
  void list();
  std::optional<Candidate> read(const std::string& name) const;
  const Candidate* known(const std::string& name);
  Result<std::optional<Claimed>> take(const std::string& name);

  const Folder& folder_;
  std::string master_;
  std::string task_id_;
  std::map<std::string, Candidate> known_;  // by name
  std::vector<Candidate> left_;             // the next one comes last
  bool is_stale_ = true;
  std::int64_t listed_at_ = 0;  // mono_ms
};

/// One of them.
Result<std::optional<Claimed>> claim_next(const Folder& folder, const std::string& master);

/// For somebody else to take: no attempt is used.
Result<> give_back(const Folder& folder, const std::string& master, const std::string& path);

Assignment assignment_of(const std::string& master, const Claimed& claimed);

}  // namespace baton::front
