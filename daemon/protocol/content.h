// What a task says, whoever wrote it down: the same text for every layout, every order of members and every way to write a
// character or a decimal. Content hashes and generated ids are made of it.
#pragma once

#include <string>
#include <string_view>

namespace baton::protocol {

/// The content of an entry (or of a dropped task): without the members that the daemon writes into queue entries (status,
/// assigned_to, orchestration_id, updated_at, completed_at, report), members sorted at every level, of members with one name the
/// last. `assigned_to` is left out whoever wrote it: the daemon writes it back, so its presence tells nothing.
/// REQUIRES: valid JSON.
std::string canonical_content(std::string_view entry);

/// The same with the members in the order of the text: older journals have the hash of this.
std::string content_in_order(std::string_view entry);

}  // namespace baton::protocol
