// Reads orchestrator/config.json, masters/*/master.json and orchestrator/playbooks/*.json. What cannot be read keeps its last
// good version and is reported once per content.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "platform/files.h"
#include "protocol/config.h"

namespace baton::service {

struct CatalogueProblem {
  std::string path;
  Error error;
};

class CatalogueReader {
 public:
  explicit CatalogueReader(platform::Files& files) : files_(files) {}

  /// Reads everything anew. `problems`: those that were not reported before.
  core::Catalogue read(protocol::Config& config, std::vector<CatalogueProblem>& problems);
  /// Something could not be read for a reason that is not its content: it should be tried again.
  bool unreadable() const;
  /// Documents that the last read found good, or gone: nothing is to be said against them any more.
  const std::vector<std::string>& sound() const { return sound_; }
  /// Whether the last read found a file, a master or a playbook that was not so before.
  bool changed() const { return changed_; }

 private:
  std::vector<platform::Entry> list(std::string_view folder, std::vector<CatalogueProblem>& problems);
  void note_gone(const std::vector<platform::Entry>& playbooks);
  void not_read(const std::string& path, const Error& error, std::vector<CatalogueProblem>& problems);
  template <class Value, class Read>
  void read_one(const std::string& path, Value& value, const Value& missing, Read read, std::vector<CatalogueProblem>& problems);

  platform::Files& files_;
  core::Catalogue last_;
  std::vector<std::string> sound_;
  bool changed_ = false;
  std::map<std::string, platform::Identity> seen_;              // files whose content is known, good or bad
  std::map<std::string, std::vector<platform::Entry>> listed_;  // folders as they were when they could be listed
  std::map<std::string, Error> unreadable_;                     // by path, as of this read
  std::map<std::string, Error> unreadable_before_;              // … and of the one before
};

}  // namespace baton::service
