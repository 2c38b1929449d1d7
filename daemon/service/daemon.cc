#include "service/daemon.h"

#include "platform/resources.h"
#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace {

int exit_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::refused: return 5;
    case ErrorCode::not_found: return 3;
    case ErrorCode::invalid: return 8;
    default: return 1;
  }
}

int give_up(const Error& error) {
  log::error("{}{}", error.message, error.hint.empty() ? "" : " (" + error.hint + ")");
  platform::Loop::notify("STATUS=" + error.message);
  return exit_code(error);
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  log::open(options.verbose ? log::Level::debug : log::Level::info);
  if (const auto raised = platform::raise_descriptor_limit(); !raised)
    log::warn("{}: the ends of many workers at once may not be seen", raised.error().message);
  auto engine = Engine::open(options.coordination);
  if (!engine) return give_up(engine.error());
  while (!(*engine)->stopping()) {
    const auto turned = (*engine)->turn();
    if (!turned) return give_up(turned.error());
  }
  const auto stopped = (*engine)->stop();
  if (!stopped) return give_up(stopped.error());
  log::info("stopped");
  return 0;
}

}  // namespace baton::service
