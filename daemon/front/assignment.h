// From the name of a subtask to the handoff that somebody holds, for the worker verbs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "front/data.h"
#include "front/folder.h"

namespace baton::front {

struct Assignment {
  std::string master;
  std::string subtask_id;
  std::string task_id;
  int epoch = 0;    // 0 = not known
  int attempt = 0;  // likewise
};

/// `subtask`: its id, or a short form of it ("auth-002", "backend") that names exactly one. not_found; refused: it has ended
/// already, was not handed out yet, or the short form names several.
Result<Assignment> find_assignment(const Folder& folder, std::string_view subtask);

/// An answer that lies where the daemon takes it.
struct HandedIn {
  Assignment assignment;
  std::uint64_t inode = 0;  // of its file, which filing keeps
  std::int64_t at_ms = 0;   // monotonic
};
/// Writes from-<master>-subtask-<id>.json. refused: an answer lies there already.
Result<HandedIn> put_answer(const Folder& folder, const Assignment& assignment, const Data& document);
/// Waits, when a daemon runs, until a moment after it was handed in: true when it was filed as done. refused: it was filed as
/// stale; the message says why.
Result<bool> await_filing(const Folder& folder, const HandedIn& answer);
/// Both.
Result<bool> file_answer(const Folder& folder, const Assignment& assignment, const Data& document);
/// The same, and until the plan shows it.
Result<bool> hand_in(const Folder& folder, const Assignment& assignment, const Data& document);

/// The members that every result has.
Data result_of(const Assignment& assignment, std::string_view status);

}  // namespace baton::front
