// What a folder says: giving names to files, moving, swapping and taking them, whatever the files hold. For filesystems that lack
// a call, the next best way. Used by files_at only.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/beneath.h"
#include "platform/files.h"

namespace baton::platform {

/// errno of a call that this filesystem or kernel does not know (with these flags).
bool is_unknown_call(int error);

// All of these return errno, 0 = all is well.

int rename_spot(const Spot& from, const Spot& to, Replace replace);  // EEXIST: Replace::no, and something has the name
int exchange_spots(const Spot& first, const Spot& second);           // is_unknown_call(): it cannot be done here
/// EEXIST: something else than a symlink has the name. An existing symlink is replaced unless it is the right one.
int put_symlink(const Spot& spot, const std::string& target);

/// "cannot rename <from> to <to>: …". refused: the name is taken, or one is a folder and the other is not.
tl::unexpected<Error> fail_rename(const std::string& from, const std::string& to, int error);

}  // namespace baton::platform
