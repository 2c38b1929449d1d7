// The daemon's log: one line per message on standard error (the journal of systemd takes it from there), through spdlog. Texts of
// others go into many of them, so secrets of known shapes are taken out.
#pragma once

#include <spdlog/spdlog.h>
#include <string_view>
#include <utility>

#include "protocol/redact.h"

namespace baton::service::log {

template <class... Args>
void write(spdlog::level::level_enum level, spdlog::format_string_t<Args...> format, Args&&... args) {
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "{}", protocol::redacted(fmt::format(format, std::forward<Args>(args)...)));
}

template <class... Args>
void debug(spdlog::format_string_t<Args...> format, Args&&... args) {
  write(spdlog::level::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(spdlog::format_string_t<Args...> format, Args&&... args) {
  write(spdlog::level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(spdlog::format_string_t<Args...> format, Args&&... args) {
  write(spdlog::level::warn, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(spdlog::format_string_t<Args...> format, Args&&... args) {
  write(spdlog::level::err, format, std::forward<Args>(args)...);
}

}  // namespace baton::service::log
