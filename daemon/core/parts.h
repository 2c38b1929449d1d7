// The two parts that a subtask may be split in: their names, how they are made, and the rules that hold whoever makes them. Pure;
// the move itself is splits.cc. docs/protocol.md, "After a failure".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/model.h"

namespace baton::core {

/// <id>-a to <id>-h; the first two that were never used become the parts.
std::vector<std::string> split_ids(const std::string& subtask_id);

/// The two halves of a subtask by its files: neighbours stay together, everything else is the same or halved. Ids are left
/// empty. REQUIRES: two or more files.
std::pair<SubtaskSpec, SubtaskSpec> halves_of(const SubtaskSpec& whole);
/// The parts as somebody else answered them: title, description, files, criteria and estimates. What they leave out is as in the
/// whole; nothing else of them counts.
Result<std::pair<SubtaskSpec, SubtaskSpec>> parts_of(const SubtaskSpec& whole, std::vector<SubtaskSpec> answer);
/// Each has a title and files of its own; together they have the files of the whole, and no other.
Result<> check_parts(const SubtaskSpec& whole, const std::pair<SubtaskSpec, SubtaskSpec>& parts);

/// "Breaking into 2 smaller subtasks: …" spec: retry_modifications.
std::string split_sentence(const SubtaskSpec& one, const SubtaskSpec& other);

}  // namespace baton::core
