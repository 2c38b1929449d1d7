// Makes a coordination folder, or a master in one. What already stands is never touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "front/folder.h"

namespace baton::front {

enum class SetUp { own, shared };  // of one user, or of a group

struct OwnFile {
  std::string path;  // relative to the coordination folder
  std::string bytes;
};

/// `target`: absolute. `instead`: in place of the template's files of these names, or besides. Returns how many files and folders
/// were missing.
Result<int> lay_down(const std::string& target, SetUp set_up, const std::vector<OwnFile>& instead = {});

/// Its folders first: whoever finds its configuration finds all of it.
Result<> lay_down_master(const Folder& folder, const std::string& master, std::string_view config);

}  // namespace baton::front
