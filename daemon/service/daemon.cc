#include "service/daemon.h"

#include <utility>

#include "platform/resources.h"
#include "service/engine.h"
#include "service/log.h"

namespace baton::service {

namespace {

tl::unexpected<Error> give_up(Error error) {
  log::error({error.message, error.hint.empty() ? "" : " (" + error.hint + ")"});
  platform::Loop::notify("STATUS=" + error.message);
  const bool is_told_apart =
      error.code == ErrorCode::refused || error.code == ErrorCode::not_found || error.code == ErrorCode::invalid;
  if (!is_told_apart) error.code = ErrorCode::io;
  return tl::make_unexpected(std::move(error));
}

}  // namespace

Result<> run_daemon(const DaemonOptions& options) {
  log::open(options.verbose ? log::Level::debug : log::Level::info);
  platform::keep_freed_memory();
  if (const auto raised = platform::raise_descriptor_limit(); !raised)
    log::warn({raised.error().message, ": the ends of many workers at once may not be seen"});
  auto engine = Engine::open(options.coordination);
  if (!engine) return give_up(std::move(engine).error());
  while (!(*engine)->stopping()) {
    auto turned = (*engine)->turn();
    if (!turned) return give_up(std::move(turned).error());
  }
  auto stopped = (*engine)->stop();
  if (!stopped) return give_up(std::move(stopped).error());
  log::info({"stopped"});
  return {};
}

}  // namespace baton::service
