// masters/<name>/master.json and orchestrator/playbooks/<name>.json.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time.h"
#include "protocol/comments.h"
#include "protocol/config.h"
#include "protocol/read_steps.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using nlohmann::json;

std::vector<std::string> lower_texts(const json& object, const char* key) {
  std::vector<std::string> words = texts_of(object, key);
  for (std::string& word : words) word = text::lower(text::trim(word));
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

/// Also understood: match{any, all, none}.
void normalise_match(Fields& fields) {
  for (const auto& [key, inner] : {std::pair{"match_any", "any"}, {"match_all", "all"}, {"match_none", "none"}}) {
    fields.alias_inside(key, "match", inner);
    fields.list(key);
  }
}

Result<> normalise_playbook(Document& document) {
  if (!document.root().is_object()) return {};
  Fields fields(document, document.root(), "");
  fields.integer("priority");
  normalise_match(fields);
  json* steps = fields.find("steps");
  if (steps == nullptr || !steps->is_array()) return {};
  for (std::size_t i = 0; i < steps->size(); ++i) {
    if (!(*steps)[i].is_object()) continue;
    Fields step(document, (*steps)[i], "/steps/" + std::to_string(i));
    normalise_piece(step, "master", {"assigned_to"});
    step.list("when_any");
  }
  return {};
}

core::PlaybookStep convert_step(const json& step) {
  core::PlaybookStep made;
  convert_piece(step, made);
  made.role = text_of(step, "role");
  made.master = text_of(step, "master");
  made.domain = text_of(step, "domain");
  made.files = texts_of(step, "files_affected");
  made.when_any = lower_texts(step, "when_any");
  return made;
}

/// Roles are unique, and dependencies name roles of this playbook.
Result<> check_roles(const Document& document, const std::vector<core::PlaybookStep>& steps) {
  std::vector<std::string> roles;
  for (const core::PlaybookStep& step : steps) {
    if (std::find(roles.begin(), roles.end(), step.role) != roles.end())
      return document.error("/steps/" + std::to_string(roles.size()) + "/role", "role \"" + step.role + "\" occurs twice",
                            "give one of the steps another role: \"" + step.role + "-2\"");
    roles.push_back(step.role);
  }
  for (std::size_t i = 0; i < steps.size(); ++i)
    for (std::size_t k = 0; k < steps[i].dependencies.size(); ++k) {
      const std::string& role = steps[i].dependencies[k];
      if (std::find(roles.begin(), roles.end(), role) != roles.end()) continue;
      const auto near = text::nearest(role, roles);
      return document.error("/steps/" + std::to_string(i) + "/dependencies/" + std::to_string(k),
                            "no step has the role \"" + role + "\"",
                            near ? "did you mean \"" + *near + "\"?" : "roles are " + text::join(roles, ", "));
    }
  return {};
}

Result<> read_duration(const Document& document, const char* key, std::int64_t& value) {
  const std::string written = text_of(document.root(), key);
  if (written.empty()) return {};
  auto duration = parse_duration(written);
  if (duration && *duration <= 0)
    duration = fail(ErrorCode::invalid, std::string(key) + " must be longer than nothing", "leave it out for the default");
  if (!duration) return document.error(std::string("/") + key, duration.error());
  value = *duration;
  return {};
}

Result<core::MasterRecovery> recovery_of(const Document& document) {
  core::MasterRecovery recovery;
  TRY(read_duration(document, "zombie_after", recovery.zombie_after_ms));
  TRY(read_duration(document, "time_limit", recovery.time_limit_ms));
  recovery.watched = text_of(document.root(), "liveness") != "none";
  return recovery;
}

}  // namespace

Result<core::Master> read_master(std::string_view name, std::string_view bytes) {
  const std::string text = blank_comments(bytes);
  TRY_VALUE(Document document, Document::parse(text));
  if (document.root().is_object()) {
    Fields fields(document, document.root(), "");
    for (const char* key : {"domains", "keywords"}) fields.list(key);
    fields.integer("max_active");
    fields.word("liveness");
  }
  TRY(document.validate(Kind::master));
  core::Master master;
  TRY_VALUE(master.recovery, recovery_of(document));
  master.name = name;
  master.description = text_of(document.root(), "description");
  master.domains = lower_texts(document.root(), "domains");
  master.keywords = lower_texts(document.root(), "keywords");
  master.max_active = static_cast<int>(integer_of(document.root(), "max_active"));
  return master;
}

Result<core::Playbook> read_playbook(std::string_view name, std::string_view bytes) {
  const std::string text = blank_comments(bytes);
  TRY_VALUE(Document document, Document::parse(text));
  TRY(normalise_playbook(document));
  TRY(document.validate(Kind::playbook));
  const json& root = document.root();
  core::Playbook playbook;
  playbook.name = name;
  playbook.description = text_of(root, "description");
  playbook.slug = text_of(root, "slug");
  playbook.priority = static_cast<int>(integer_of(root, "priority"));
  playbook.match_any = lower_texts(root, "match_any");
  playbook.match_all = lower_texts(root, "match_all");
  playbook.match_none = lower_texts(root, "match_none");
  for (const json& step : root.at("steps")) playbook.steps.push_back(convert_step(step));
  TRY(check_roles(document, playbook.steps));
  return playbook;
}

}  // namespace baton::protocol
