#include "front/document_check.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "protocol/comments.h"
#include "protocol/config.h"
#include "protocol/door.h"
#include "protocol/near_miss.h"
#include "protocol/queue_file.h"
#include "protocol/readers.h"
#include "protocol/validate.h"

namespace baton::front {
namespace {

using protocol::Kind;

constexpr std::size_t k_most_findings = 20;  // of one document

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

/// Takes the member at `pointer` out. False: it is none, or an element of a list, whose neighbours would change their places.
bool take_out(nlohmann::json& document, const std::string& pointer) {
  const auto place = nlohmann::json::json_pointer(pointer);
  if (place.empty() || !document.contains(place)) return false;
  nlohmann::json& around = document.at(place.parent_pointer());
  return around.is_object() && around.erase(place.back()) == 1;
}

/// A reader stops at the first error. To find the others it is asked again without what was wrong, as long as that tells of
/// something new.
template <class Read>
void add_errors(Read read, std::string_view bytes, nlohmann::json document, Checked& checked) {
  auto result = read(bytes);
  add_error(result, bytes, checked);
  std::set<std::string> seen;
  while (!result && checked.findings.size() < k_most_findings) {
    const std::string pointer = result.error().place.pointer;
    if (!seen.insert(pointer).second || !take_out(document, pointer)) return;
    result = read(document.dump());
    if (result) return;
    Error error = result.error();
    const bool missed = error.message.find("is missing") != std::string::npos;  // what was taken out, as likely as not
    if (missed || seen.contains(error.place.pointer)) return;
    error.place.line = error.place.column = 0;  // of the shortened document
    checked.findings.push_back(finding_of(error, bytes));
  }
}

void add_problems(const std::vector<protocol::Problem>& problems, std::string_view bytes, Checked& checked) {
  for (const protocol::Problem& problem : problems) {
    Place place = protocol::place_of_pointer(bytes, problem.pointer);
    place.pointer = problem.pointer;
    checked.findings.push_back({place, problem.message + (problem.suggestion.empty() ? "" : " (" + problem.suggestion + ")")});
  }
}

/// Documents from outside go through their reader, which accepts more shapes than the schema.
void check_as(Kind kind, const std::string& path, std::string_view bytes, const nlohmann::json& document, Checked& checked) {
  using std::string_view;
  const auto all = [&](auto read) { add_errors(read, bytes, document, checked); };
  switch (kind) {
    case Kind::task: all([](string_view text) { return protocol::read_dropped_json(text); }); break;
    case Kind::result: return all([](string_view text) { return protocol::read_result(text); });
    case Kind::worker_spec: return all([](string_view text) { return protocol::read_worker_spec(text); });
    case Kind::command: return all([](string_view text) { return protocol::read_command(text); });
    case Kind::planner_answer: return all([](string_view text) { return protocol::read_planner_answer(text); });
    case Kind::config: return all([](string_view text) { return protocol::read_config(text); });
    case Kind::master: all([&](string_view text) { return protocol::read_master(path, text); }); break;
    case Kind::playbook: all([&](string_view text) { return protocol::read_playbook(path, text); }); break;
    default: return add_problems(protocol::problems(kind, document), bytes, checked);
  }
  add_problems(protocol::near_misses(kind, document), bytes, checked);
}

std::vector<Finding> entry_findings(std::string_view entry) {
  Checked checked;
  const auto task = protocol::read_queue_entry(entry);
  add_error(task, entry, checked);
  if (task) add_problems(protocol::near_misses(Kind::task, nlohmann::json::parse(entry)), entry, checked);
  return std::move(checked.findings);
}

Checked check_queue(std::string_view bytes) {
  Checked checked{"queue", {}};
  auto queue = protocol::parse_queue(std::string(bytes));
  if (!queue) {
    checked.findings.push_back(finding_of(queue.error(), bytes));
    return checked;
  }
  for (std::size_t i = 0; i < queue->entries.size(); ++i) {
    // The entry's own lines count from its beginning.
    const Place begin = protocol::place_of_offset(bytes, queue->entries[i].offset);
    for (Finding& finding : entry_findings(queue->span(queue->entries[i]))) {
      finding.place.line = finding.place.line == 0 ? begin.line : begin.line + finding.place.line - 1;
      finding.place.pointer = "/tasks/" + std::to_string(i) + finding.place.pointer;
      checked.findings.push_back(std::move(finding));
    }
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
  for (const protocol::Problem& problem : protocol::near_misses_in_markdown(bytes)) {
    const Error error{ErrorCode::invalid, problem.message, problem.suggestion, {problem.pointer, 0, 0}};
    checked.findings.push_back(finding_of(protocol::located_in_markdown(error, bytes), bytes));
  }
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
