// The daemon's log: one line per message on standard error (the journal of systemd takes it from there), through spdlog.
#pragma once

#include <spdlog/spdlog.h>

namespace baton::service::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace baton::service::log
