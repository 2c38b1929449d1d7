// Secrets of known shapes taken out of text: what workers and masters say ends in logs, feeds and reports, and those are copied
// to places where nobody thinks of secrets. Never used on what is handed to a master, nor on the author's own documents.
#pragma once

#include <string>
#include <string_view>

namespace baton::protocol {

inline constexpr std::string_view k_redacted = "[redacted]";

/// Keys of clouds, code hosts and model providers, JSON web tokens, private key blocks, `Authorization:` and `Bearer` values,
/// passwords in addresses, and `password=`, `token=`, `"secret": "` and the like. A text without such comes back as it is, in one
/// pass.
std::string redacted(std::string_view text);

/// "db_password", "API_KEY": a member or variable of this name holds what must not be shown.
bool is_secret_name(std::string_view name);

}  // namespace baton::protocol
