// A claimed handoff for whoever took it: as a document that is true for the taker, and as plain text for an agent that shall do
// the work and nothing else.
#pragma once

#include <string>
#include <string_view>

#include "front/folder.h"
#include "front/views.h"

namespace baton::front {

/// The handoff as it was, but claimed: `result_file` is absolute, and `how_to_answer` says only what is left to do. invalid.
Result<std::string> taken_document(const Folder& folder, std::string_view bytes, const HandoffView& handoff);

/// Goal, task, files, criteria and what others delivered; no word about folders, files to write or statuses.
std::string prompt_of(const HandoffView& handoff);

}  // namespace baton::front
