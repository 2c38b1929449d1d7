// `backup`: a copy of the journal that appears under its name only when it is whole. The request is journalled before the copy is
// made, so every copy tells which request it was made for: after a crash it is not taken for somebody else's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/effect.h"
#include "service/world.h"

namespace baton::service {

class Backups {
 public:
  explicit Backups(World& world) : world_(world) {}

  /// Clears what a killed run has left half made.
  void restore(const std::map<std::string, std::string>& meta);
  /// Remembers that `file` (absolute) is to be made; `input` is answered in a later turn.
  void start(const core::InputRef& input, const std::string& file, Turn& turn);
  bool more() const { return !due_.empty(); }
  /// Makes what was remembered by an earlier turn. Copies by a hidden name of its own and a rename that never replaces.
  void work(Turn& turn);

 private:
  struct Job {
    core::InputRef input;
    std::string file;
    std::string mark;
    bool again = false;  // an earlier run has begun it
  };
  Result<> make(const Job& job);

  World& world_;
  std::map<std::string, std::string> begun_;  // file → mark, of an earlier run
  std::vector<Job> due_;
};

}  // namespace baton::service
