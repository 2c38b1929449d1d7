// orchestrator/commands: requests to the daemon, answered in commands/done/.
#include "service/intake.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

void Intake::look_at_command(const Item& item, Turn& turn) {
  const std::string path = paths::join(item.folder, item.name);
  if (item.how == How::gone || paths::is_private(item.name) || path == paths::k_commands_done) return;
  const auto stat = world_.files.stat(path);
  if (!item.name.ends_with(".json")) {
    if (!stat || stat->type == platform::FileType::directory || inputs_.known(path, stat->identity)) return;
    turn.say({"document_rejected", "", "", "", {{"path", path}, {"reason", "a command is a .json file: left where it is"}}});
    return inputs_.leave(inputs_.take(InputKind::command, path, stat->identity), turn);
  }
  const auto content =
      read_input(InputKind::command, path, item.how, static_cast<std::size_t>(world_.config.max_document_bytes), turn);
  if (!content) return;
  const core::InputRef input = inputs_.take(InputKind::command, path, content->stat.identity, content->bytes);
  auto command = protocol::read_command(content->bytes);
  if (!command) return refuse(input, std::move(command).error(), turn);
  carry_out(input, *command, turn);
}

void Intake::carry_out(const core::InputRef& input, const protocol::CommandIn& command, Turn& turn) {
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
      const auto started = archive_.start(input, command.older_than_ms);
      if (!started) answer(started, {});
      return;  // answered when all is moved
    }
    case protocol::CommandIn::Other::backup:
      return answer(world_.store.copy_to(command.file), "the journal was copied to " + command.file);
  }
  tell_command({input, command.verb, command.subject, command.reason, {}}, turn);
}

void Intake::tell_command(core::CommandArrived command, Turn& turn) {
  const std::string& subject = command.subject;
  if (!subject.empty() && world_.core.task(subject) == nullptr && world_.core.find_subtask(subject) == nullptr) {
    auto ended = world_.store.ended(subject);
    if (ended && !*ended) ended = world_.store.task_of_subtask(subject);
    if (ended) command.ended = *ended;
  }
  turn.tell(std::move(command));
}

}  // namespace baton::service
