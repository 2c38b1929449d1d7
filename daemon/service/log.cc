#include "service/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <memory>
#include <string>

#include "protocol/redact.h"

namespace baton::service::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: break;
  }
  return spdlog::level::err;
}

std::unique_ptr<spdlog::logger>& logger() {
  static std::unique_ptr<spdlog::logger> logger;
  return logger;
}

}  // namespace

void open(Level lowest) {
  auto opened = std::make_unique<spdlog::logger>("baton", std::make_shared<spdlog::sinks::stderr_sink_st>());
  opened->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  opened->set_level(level_of(lowest));
  logger() = std::move(opened);
}

void write(Level level, Parts parts) {
  if (!logger() || !logger()->should_log(level_of(level))) return;
  std::string message;
  for (const std::string_view part : parts) message += part;
  logger()->log(level_of(level), "{}", protocol::redacted(message));
}

}  // namespace baton::service::log
