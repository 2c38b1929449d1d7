// How a view gets its place: by hidden name and rename, and the plan under its second name. Holds no view itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model.h"
#include "platform/files.h"

namespace baton::service {

class ViewFiles {
 public:
  /// `mark`: what hidden names begin with. Two that write at the same time need one each.
  explicit ViewFiles(platform::Files& files, std::string_view mark = ".baton-") : files_(files), mark_(mark) {}

  Result<platform::Stat> put(const std::string& path, const std::string& bytes);
  bool holds(const std::string& path, const std::string& bytes);
  /// The second name of the plan: a symlink, or a copy where there are none. `look`: whether it is the right one.
  Result<> link(const std::string& task_id, const std::string& plan, bool look);
  /// The last views of a task that has ended: subtasks, plan, link, report; report_json is the very last. What fails for one
  /// holds back no other.
  Result<> put_last(const core::Task& task);
  /// Of put_last: what it may give a place.
  static std::vector<std::string> last_paths(const core::Task& task);

  /// What got its place since the last call: a notice of it is no news.
  std::vector<std::string> take_placed() { return std::exchange(placed_, {}); }

 private:
  std::string hidden(const std::string& path) const;

  platform::Files& files_;
  std::string mark_;
  std::vector<std::string> placed_;
};

/// The first failure counts, but lack of space more than any.
void keep_worst(Result<>& worst, const Result<>& now);

template <class Value>
Result<> outcome(const Result<Value>& result) {
  return result ? Result<>() : Result<>(tl::make_unexpected(result.error()));
}

}  // namespace baton::service
