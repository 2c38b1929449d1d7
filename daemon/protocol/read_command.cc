// Requests to the daemon. docs/protocol.md, "Commands".
#include <algorithm>
#include <iterator>

#include "base/ids.h"
#include "base/time.h"
#include "protocol/paths.h"
#include "protocol/readers.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using core::Verb;
using nlohmann::json;
using Other = CommandIn::Other;

struct Row {
  std::string_view word;
  Other other;
  Verb verb;
  bool needs_subject;
};
constexpr Row k_rows[] = {
    {"retry", Other::none, Verb::retry, true},       {"skip", Other::none, Verb::skip, true},
    {"cancel", Other::none, Verb::cancel, true},     {"release", Other::none, Verb::release, true},
    {"pause", Other::none, Verb::pause, false},      {"resume", Other::none, Verb::resume, false},
    {"approve", Other::none, Verb::approve, true},   {"reject", Other::none, Verb::reject, true},
    {"reload", Other::reload, Verb::retry, false},   {"backup", Other::backup, Verb::retry, false},
    {"archive", Other::archive, Verb::retry, false}, {"probe", Other::probe, Verb::retry, false},
};

/// The schema lets only these words through.
const Row& row_of(const std::string& word) {
  const auto found = std::find_if(std::begin(k_rows), std::end(k_rows), [&](const Row& row) { return row.word == word; });
  BATON_ASSERT(found != std::end(k_rows));
  return *found;
}

/// A subtask may be called "orch-…"; for a task that is the name of its plan.
std::string subject_of(const json& command) {
  if (std::string id = text_of(command, "subtask_id"); !id.empty()) return id;
  for (const char* key : {"task_id", "orchestration_id"})
    if (const std::string id = text_of(command, key); !id.empty()) return paths::task_of_orchestration(id);
  return "";
}

/// Only a command without any of these members is about everything: one that is empty was meant to name something. `given`: as it
/// came, for empty members go when it is normalised.
Result<> program_checks(const Document& document, const json& given, const std::string& subject) {
  if (!given.is_object()) return {};
  for (const char* key : {"task", "subtask", "orchestration", "id"})
    if (given.contains(key))
      return document.error("/" + std::string(key), "nobody reads \"" + std::string(key) + "\"",
                            "name a task_id, subtask_id, orchestration_id or master");
  for (const char* key : {"subtask_id", "task_id", "orchestration_id", "master"})
    if (subject.empty() && given.contains(key))
      return document.error("/" + std::string(key), std::string(key) + " is empty",
                            "name what is meant; only pause and resume mean everything without it");
  return {};
}

Result<> check_subject(const Document& document, const Row& row, const CommandIn& command) {
  if (!command.master.empty() && row.other != Other::none)
    return document.error("/master", std::string(row.word) + " is not about a master", "leave the master out");
  if (!command.master.empty() && !command.subject.empty())
    return document.error("/master", "both a master and " + command.subject + " are named",
                          "one command is about one thing: leave one of them out");
  if (row.needs_subject && command.subject.empty() && command.master.empty())
    return document.error("", std::string(row.word) + " needs a subject", "name an orchestration_id, task_id or subtask_id");
  return {};
}

Result<> read_backup(const Document& document, CommandIn& command) {
  command.file = text_of(document.root(), "file");
  if (command.file.starts_with('/') && command.file.find('\0') == std::string::npos) return {};
  return document.error(command.file.empty() ? "" : "/file", "backup needs the absolute path of the copy to make",
                        "\"file\": \"/somewhere/journal-copy.db\"");
}

Result<> read_archive(const Document& document, CommandIn& command) {
  const auto age = parse_duration(text_of(document.root(), "older_than"));
  if (!age)
    return document.error(document.root().contains("older_than") ? "/older_than" : "",
                          "archive needs how long ago a task must have ended", "\"older_than\": \"30d\"");
  command.older_than_ms = *age;
  return {};
}

Result<> normalise_command(Document& document) {
  if (!document.root().is_object()) return {};
  Fields fields(document, document.root(), "");
  fields.word("command");
  fields.master("master");
  if (json* id = fields.find("task_id"); id != nullptr && id->is_string())
    *id = paths::task_of_orchestration(id->get<std::string>());
  TRY(fields.id("task_id", is_task_id));
  TRY(fields.id("subtask_id", is_record_id));
  return fields.id("orchestration_id", [](std::string_view id) { return is_task_id(paths::task_of_orchestration(id)); });
}

}  // namespace

Result<CommandIn> read_command(std::string_view bytes) {
  TRY_VALUE(Document document, Document::parse(bytes));
  const json given = document.root();
  TRY(normalise_command(document));
  TRY(document.validate(Kind::command));
  const Row& row = row_of(text_of(document.root(), "command"));
  CommandIn command{row.other, row.verb, subject_of(document.root()),       text_of(document.root(), "reason"),
                    "",        0,        text_of(document.root(), "master")};
  TRY(program_checks(document, given, command.subject.empty() ? command.master : command.subject));
  TRY(check_subject(document, row, command));
  if (row.other == Other::backup) TRY(read_backup(document, command));
  if (row.other == Other::archive) TRY(read_archive(document, command));
  return command;
}

}  // namespace baton::protocol
