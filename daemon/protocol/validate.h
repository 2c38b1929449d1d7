// The schemas in schemas/ (draft-07, compiled in), enforced. One per kind of document.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::protocol {

enum class Kind {
  task,     // one task, after tolerance
  result,   // from-…
  handoff,  // to-…
  worker_spec,
  command,
  config,
  master,
  playbook,
  planner_request,
  planner_answer,
  plan,
  subtask,
  state,
  report,
  escalation,
  notification,  // what the notify command reads
  answer,        // commands/done/
  reason,        // *.error.json
  estimates,
  processes,
  event,  // one line of the feed
};

std::string_view name(Kind kind);  // "worker_spec"; its schema is schemas/<name with dashes>.schema.json
std::span<const Kind> all_kinds();
std::string_view schema_text(Kind kind);

/// One place where a document breaks its schema, in words for its author.
struct Problem {
  std::string pointer;     // "" = the whole document
  std::string message;     // unknown status "pendign"
  std::string suggestion;  // did you mean "pending"? (may be empty)
};

/// Every problem found, at most 20; empty = valid.
std::vector<Problem> problems(Kind kind, const nlohmann::json& document);

/// The first problem as an error whose place has the pointer (and line and column when the original bytes are given).
Result<> validate(Kind kind, const nlohmann::json& document, std::string_view bytes = {});

/// Which kind a file is by its path and content, for `baton validate`; nothing when it cannot be told.
std::optional<Kind> guess_kind(std::string_view path, const nlohmann::json& document);

}  // namespace baton::protocol
