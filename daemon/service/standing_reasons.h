// Why settings, masters and playbooks are refused that stay where they are: NAME.error.json beside each, as long as it is so. It
// is derived from the document, so no commit knows of it; a start writes it again.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/files.h"

namespace baton::service {

class StandingReasons {
 public:
  explicit StandingReasons(platform::Files& files) : files_(files) {}

  /// Only what is wrong with the document itself; that it cannot be read now says nothing of it.
  void refused(const std::string& path, const Error& error, std::int64_t wall_ms);
  /// It is good again, or gone.
  void sound(const std::string& path);

 private:
  platform::Files& files_;
  std::set<std::string> clear_;  // documents that have certainly no reason file of ours
};

}  // namespace baton::service
