// orchestrator/commands: requests to the daemon, answered in commands/done/.
#include "service/intake.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

void Intake::look_at_command(const Item& item, Turn& turn) {
  const std::string path = paths::join(item.folder, item.name);
  if (paths::is_private(item.name) || path == paths::k_commands_done) return;
  if (item.how == How::gone) {
    if (inputs_.is_left(path) && is_gone(path)) inputs_.vanished(path);
    return;
  }
  if (!item.name.ends_with(".json"))
    return leave_alone(InputKind::command, path, "no command", "a command is a .json file", turn);
  const auto content =
      read_input(InputKind::command, path, item.how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::command, path, content->stat.identity, content->bytes);
  auto command = protocol::read_command(content->bytes);
  if (!command) return refuse(input, std::move(command).error(), turn);
  carry_out(input, content->stat.identity, *command, turn);
}

void Intake::carry_out(const core::InputRef& input, const platform::Identity& identity, const protocol::CommandIn& command,
                       Turn& turn) {
  const auto answer = [&](const Result<>& done, const std::string& message) {
    turn.changes.effects.emplace_back(core::AnswerCommand{input, done.has_value(), done ? message : done.error().message});
  };
  switch (command.other) {
    case protocol::CommandIn::Other::none: break;
    case protocol::CommandIn::Other::reload:
      if (read_catalogue(turn, false)) return answer({}, "settings, masters and playbooks were read again");
      return answer(
          fail(ErrorCode::invalid, "a file is invalid and keeps its last good version; the feed and `baton doctor` say which"),
          {});
    case protocol::CommandIn::Other::archive: {
      const auto started = archive_.start(input, identity, command.older_than_ms, turn);
      if (!started) return answer(started, {});
      return inputs_.hold(input);  // answered when all is moved
    }
    case protocol::CommandIn::Other::probe: jobs_.probes.start(input, turn); return inputs_.hold(input);
    case protocol::CommandIn::Other::backup: backups_.start(input, command.file, turn); return inputs_.hold(input);
  }
  tell_command({input, command.verb, command.subject, command.reason, {}, command.master}, turn);
}

void Intake::tell_command(core::CommandArrived command, Turn& turn) {
  const std::string& subject = command.subject;
  if (!subject.empty() && world_.core.task(subject) == nullptr && world_.core.find_subtask(subject) == nullptr) {
    auto ended = world_.history.ended(subject);
    if (ended && !*ended) ended = world_.history.task_of_subtask(subject);
    if (ended) command.ended = *ended;
  }
  turn.tell(std::move(command));
}

}  // namespace baton::service
