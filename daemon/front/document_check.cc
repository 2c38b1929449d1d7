#include "front/document_check.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "protocol/comments.h"
#include "protocol/config.h"
#include "protocol/door.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"
#include "protocol/validate.h"

namespace baton::front {
namespace {

using protocol::Kind;

Finding finding_of(const Error& error, std::string_view bytes) {
  Finding finding{error.place, error.message};
  if (!error.hint.empty()) finding.message += " (" + error.hint + ")";
  if (finding.place.line == 0 && !finding.place.pointer.empty()) {
    const Place found = protocol::place_of_pointer(bytes, finding.place.pointer);
    finding.place.line = found.line;
    finding.place.column = found.column;
  }
  return finding;
}

template <class Value>
void add_error(const Result<Value>& result, std::string_view bytes, Checked& checked) {
  if (!result) checked.findings.push_back(finding_of(result.error(), bytes));
}

void add_problems(Kind kind, const nlohmann::json& document, std::string_view bytes, Checked& checked) {
  for (const protocol::Problem& problem : protocol::problems(kind, document)) {
    Place place = protocol::place_of_pointer(bytes, problem.pointer);
    place.pointer = problem.pointer;
    checked.findings.push_back({place, problem.message + (problem.suggestion.empty() ? "" : " (" + problem.suggestion + ")")});
  }
}

/// Documents from outside go through their reader, which accepts more shapes than the schema.
void check_as(Kind kind, const std::string& path, std::string_view bytes, const nlohmann::json& document, Checked& checked) {
  switch (kind) {
    case Kind::task: return add_error(protocol::read_dropped_json(bytes), bytes, checked);
    case Kind::result: return add_error(protocol::read_result(bytes), bytes, checked);
    case Kind::worker_spec: return add_error(protocol::read_worker_spec(bytes), bytes, checked);
    case Kind::command: return add_error(protocol::read_command(bytes), bytes, checked);
    case Kind::planner_answer: return add_error(protocol::read_planner_answer(bytes), bytes, checked);
    case Kind::config: return add_error(protocol::read_config(bytes), bytes, checked);
    case Kind::master: return add_error(protocol::read_master(path, bytes), bytes, checked);
    case Kind::playbook: return add_error(protocol::read_playbook(path, bytes), bytes, checked);
    default: return add_problems(kind, document, bytes, checked);
  }
}

Checked check_queue(std::string_view bytes) {
  Checked checked{"queue", {}};
  auto queue = protocol::parse_queue(std::string(bytes));
  if (!queue) {
    checked.findings.push_back(finding_of(queue.error(), bytes));
    return checked;
  }
  for (std::size_t i = 0; i < queue->entries.size(); ++i) {
    const auto& entry = queue->entries[i];
    const auto task = protocol::read_queue_entry(queue->span(entry));
    if (task) continue;
    // The entry's own lines count from its beginning.
    Finding finding = finding_of(task.error(), queue->span(entry));
    const Place begin = protocol::place_of_offset(bytes, entry.offset);
    finding.place.line = finding.place.line == 0 ? begin.line : begin.line + finding.place.line - 1;
    finding.place.pointer = "/tasks/" + std::to_string(i) + finding.place.pointer;
    checked.findings.push_back(std::move(finding));
  }
  return checked;
}

Checked check_feed(std::string_view bytes) {
  Checked checked{std::string(protocol::name(Kind::event)), {}};
  int number = 0;
  for (const std::string& line : text::split(bytes, '\n')) {
    ++number;
    if (line.empty()) continue;
    const auto document = nlohmann::json::parse(line, nullptr, false);
    if (document.is_discarded()) {
      checked.findings.push_back({{"", number, 1}, "this line is no JSON document"});
      continue;
    }
    for (const protocol::Problem& problem : protocol::problems(Kind::event, document))
      checked.findings.push_back({{problem.pointer, number, 1}, problem.message});
  }
  return checked;
}

Checked check_markdown(std::string_view bytes) {
  Checked checked{std::string(protocol::name(Kind::task)), {}};
  add_error(protocol::read_dropped_markdown(bytes), bytes, checked);
  return checked;
}

Checked check_json_document(const std::string& path, std::string_view bytes) {
  const std::string plain = protocol::blank_comments(bytes);
  nlohmann::json document;
  Checked checked;
  if (auto sound = protocol::check_json(plain); !sound) {
    add_error(sound, plain, checked);
    return checked;
  }
  document = nlohmann::json::parse(plain, nullptr, false);
  const auto kind = protocol::guess_kind(path, document);
  if (!kind) {
    checked.findings.push_back({{}, "it cannot be told what kind of document this is (name it as in the coordination folder)"});
    return checked;
  }
  checked.kind = protocol::name(*kind);
  const bool comments_allowed = *kind == Kind::config || *kind == Kind::master || *kind == Kind::playbook;
  const auto strict = comments_allowed ? Result<>{} : protocol::check_json(bytes);
  if (!strict)
    add_error(strict, bytes, checked);
  else
    check_as(*kind, path, bytes, document, checked);
  return checked;
}

}  // namespace

Checked check_document(const std::string& path, std::string_view bytes) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name == "task-queue.json") return check_queue(bytes);
  if (name.ends_with(".jsonl")) return check_feed(bytes);
  if (name.ends_with(".md") || name.ends_with(".markdown")) return check_markdown(bytes);
  return check_json_document(path, bytes);
}

std::string finding_text(std::string_view file, const Finding& finding) {
  std::string text(file);
  if (finding.place.line > 0) text += ":" + std::to_string(finding.place.line);
  if (!finding.place.pointer.empty()) text += ": " + finding.place.pointer;
  return text + ": " + finding.message;
}

}  // namespace baton::front
