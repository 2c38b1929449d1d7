// The specs that one worker writes one after the other. Every few seconds it says how far it is, and all else as before: that is
// read without parsing, normalising and validating the whole text again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/readers.h"

namespace baton::protocol {

class SpecReader {
 public:
  /// As read_worker_spec(), but without `result`: who is at work has none.
  Result<WorkerIn> read(std::string_view bytes);
  /// The same where `bytes` differ from what was read last only in how far the worker is.
  std::optional<WorkerIn> again(std::string_view bytes) const;

 private:
  /// A plain value of the last text that may differ in the next one.
  struct Slot {
    std::size_t begin = 0, end = 0;
    bool is_text = false;  // between quotes, which are part of it
    void (*take)(WorkerIn& worker, std::string_view token) = nullptr;
  };

  void remember(std::string_view bytes, const WorkerIn& worker);

  std::string last_;  // empty: nothing is remembered
  WorkerIn worker_;   // what it said
  std::vector<Slot> slots_;
};

}  // namespace baton::protocol
