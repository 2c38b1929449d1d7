// Settings, masters and playbooks of a coordination folder as the daemon would read them; without a folder, those that `baton
// init` would lay down.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/settings.h"
#include "front/folder.h"
#include "protocol/config.h"

namespace baton::front {

struct DocumentProblem {
  std::string path;  // relative to the coordination folder
  Error error;
};

struct LoadedCatalogue {
  protocol::Config config;
  core::Catalogue catalogue;
  std::vector<DocumentProblem> problems;  // documents that were left out
};

LoadedCatalogue load_catalogue(const Folder& folder);
LoadedCatalogue template_catalogue();

}  // namespace baton::front
