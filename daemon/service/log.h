// The daemon's log: one line per message on standard error (the journal of systemd takes it from there), through spdlog. Texts of
// others go into many of them, so secrets of known shapes are taken out.
#pragma once

#include <initializer_list>
#include <string_view>

namespace baton::service::log {

enum class Level { debug, info, warn, error };

/// From now on messages of `lowest` and above are written. Until then nothing is.
void open(Level lowest);

/// Parts of one message, in their order.
using Parts = std::initializer_list<std::string_view>;
void write(Level level, Parts parts);

inline void debug(Parts parts) { write(Level::debug, parts); }
inline void info(Parts parts) { write(Level::info, parts); }
inline void warn(Parts parts) { write(Level::warn, parts); }
inline void error(Parts parts) { write(Level::error, parts); }

}  // namespace baton::service::log
