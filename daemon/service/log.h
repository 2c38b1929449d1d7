// The daemon's log: one line per message on standard error (the journal of systemd takes it from there), through spdlog. Texts of
// others go into many of them, so secrets of known shapes are taken out.
#pragma once

#include <fmt/core.h>

namespace baton::service::log {

enum class Level { debug, info, warn, error };

/// From now on messages of `lowest` and above are written. Until then nothing is.
void open(Level lowest);

// Arguments as for fmt::format. They are erased here, so that whoever logs compiles no formatting.
void write(Level level, fmt::string_view format, fmt::format_args arguments);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, format, fmt::make_format_args(args...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, format, fmt::make_format_args(args...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, format, fmt::make_format_args(args...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, format, fmt::make_format_args(args...));
}

}  // namespace baton::service::log
