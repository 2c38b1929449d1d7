#include "core/parts.h"

#include <algorithm>
#include <set>

#include "base/ids.h"

namespace baton::core {
namespace {

std::string list_of(const std::vector<std::string>& files) {
  constexpr std::size_t k_named = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), k_named); ++i) text += (i == 0 ? "" : ", ") + files[i];
  if (files.size() > k_named) text += " and " + std::to_string(files.size() - k_named) + " more";
  return text;
}

/// Nobody does the whole again for want of a word about the part.
std::string narrowed(const std::string& description, const std::vector<std::string>& files) {
  return description + (description.empty() ? "" : "\n\n") + "This part: only " + list_of(files) +
         ". The other files of it are another subtask's.";
}

SubtaskSpec half_of(const SubtaskSpec& whole, std::vector<std::string> files, const std::string& which) {
  SubtaskSpec half = whole;
  half.id.clear();
  half.files_affected = std::move(files);
  half.title += " (" + which + ")";
  half.description = narrowed(whole.description, half.files_affected);
  half.estimated_minutes = (whole.estimated_minutes + 1) / 2;
  half.estimated_tokens = (whole.estimated_tokens + 1) / 2;
  return half;
}

std::set<std::string> files_of(const SubtaskSpec& spec) { return {spec.files_affected.begin(), spec.files_affected.end()}; }

SubtaskSpec part_of(const SubtaskSpec& whole, SubtaskSpec answered) {
  SubtaskSpec part = whole;
  part.id.clear();
  part.title = std::move(answered.title);
  const std::set<std::string> files = files_of(answered);
  part.files_affected = {files.begin(), files.end()};
  part.description =
      answered.description.empty() ? narrowed(whole.description, part.files_affected) : std::move(answered.description);
  if (!answered.success_criteria.empty()) part.success_criteria = std::move(answered.success_criteria);
  part.estimated_minutes = answered.estimated_minutes > 0 ? answered.estimated_minutes : (whole.estimated_minutes + 1) / 2;
  part.estimated_tokens = answered.estimated_tokens > 0 ? answered.estimated_tokens : (whole.estimated_tokens + 1) / 2;
  return part;
}

}  // namespace

std::vector<std::string> split_ids(const std::string& subtask_id) {
  std::vector<std::string> ids;
  for (char letter = 'a'; letter <= 'h'; ++letter) ids.push_back(shorten_id(subtask_id + "-" + letter));
  return ids;
}

std::pair<SubtaskSpec, SubtaskSpec> halves_of(const SubtaskSpec& whole) {
  std::vector<std::string> files = whole.files_affected;
  BATON_ASSERT(files.size() >= 2);
  std::sort(files.begin(), files.end());
  const auto middle = files.begin() + static_cast<std::ptrdiff_t>((files.size() + 1) / 2);
  return {half_of(whole, {files.begin(), middle}, "1 of 2"), half_of(whole, {middle, files.end()}, "2 of 2")};
}

Result<> check_parts(const SubtaskSpec& whole, const std::pair<SubtaskSpec, SubtaskSpec>& parts) {
  std::set<std::string> left = files_of(whole);
  const std::set<std::string> all = left;
  for (const SubtaskSpec* part : {&parts.first, &parts.second}) {
    if (part->title.empty()) return fail(ErrorCode::invalid, "a part has no title");
    if (part->files_affected.empty()) return fail(ErrorCode::invalid, "\"" + part->title + "\" has no files_affected");
    for (const std::string& file : files_of(*part)) {
      if (!all.contains(file)) return fail(ErrorCode::invalid, file + " is none of the files of " + whole.id);
      if (left.erase(file) == 0) return fail(ErrorCode::invalid, "both parts write " + file);
    }
  }
  if (!left.empty()) return fail(ErrorCode::invalid, "no part writes " + *left.begin());
  return {};
}

Result<std::pair<SubtaskSpec, SubtaskSpec>> parts_of(const SubtaskSpec& whole, std::vector<SubtaskSpec> answer) {
  if (answer.size() != 2)
    return fail(ErrorCode::invalid, "there must be exactly 2 parts, and there are " + std::to_string(answer.size()));
  std::pair parts{part_of(whole, std::move(answer[0])), part_of(whole, std::move(answer[1]))};
  TRY(check_parts(whole, parts));
  return parts;
}

std::string split_sentence(const SubtaskSpec& one, const SubtaskSpec& other) {
  return "Breaking into 2 smaller subtasks: " + list_of(one.files_affected) + "; and " + list_of(other.files_affected) +
         " separately";
}

}  // namespace baton::core
