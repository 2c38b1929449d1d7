// Reads coordination-template/ the short way, so that the core is tested with what `baton init` lays down.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "core/settings.h"

namespace baton::test {

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return nlohmann::json::parse(bytes, nullptr, true, true);
}

inline std::vector<std::string> strings(const nlohmann::json& object, const char* key) {
  return object.value(key, std::vector<std::string>{});
}

inline core::Master master_from(const std::string& name, const nlohmann::json& json) {
  return {name, json.value("description", ""), strings(json, "domains"), strings(json, "keywords"), json.value("max_active", 0)};
}

inline core::PlaybookStep step_from(const nlohmann::json& json) {
  core::PlaybookStep step;
  step.role = json.at("role");
  step.title = json.at("title");
  step.description = json.value("description", "");
  step.master = json.value("master", "");
  step.domain = json.value("domain", "");
  step.worker_type = json.value("worker_type", "");
  step.dependencies = strings(json, "dependencies");
  step.estimated_minutes = json.value("estimated_minutes", 0);
  step.estimated_tokens = json.value("estimated_tokens", std::int64_t{0});
  step.files = strings(json, "files");
  step.success_criteria = json.value("success_criteria", "");
  step.when_any = strings(json, "when_any");
  return step;
}

inline core::Playbook playbook_from(const std::string& name, const nlohmann::json& json) {
  core::Playbook playbook;
  playbook.name = name;
  playbook.description = json.value("description", "");
  playbook.slug = json.value("slug", "");
  playbook.priority = json.value("priority", 0);
  const nlohmann::json& match = json.at("match");
  playbook.match_any = strings(match, "any");
  playbook.match_all = strings(match, "all");
  playbook.match_none = strings(match, "none");
  for (const nlohmann::json& step : json.at("steps")) playbook.steps.push_back(step_from(step));
  return playbook;
}

inline core::Catalogue load_template() {
  const std::filesystem::path root = std::filesystem::path(BATON_SOURCE_DIR) / "coordination-template";
  core::Catalogue catalogue;
  for (const auto& folder : std::filesystem::directory_iterator(root / "masters")) {
    const std::string name = folder.path().filename();
    catalogue.masters[name] = master_from(name, read_json(folder.path() / "master.json"));
  }
  for (const auto& file : std::filesystem::directory_iterator(root / "orchestrator/playbooks")) {
    const std::string name = file.path().stem();
    catalogue.playbooks[name] = playbook_from(name, read_json(file.path()));
  }
  return catalogue;
}

/// The catalogue of the template, read once.
inline const core::Catalogue& the_template() {
  static const core::Catalogue catalogue = load_template();
  return catalogue;
}

inline core::TaskSpec task(std::string title, std::string description = {}) {
  core::TaskSpec spec;
  spec.id = "task-1";
  spec.title = std::move(title);
  spec.description = std::move(description);
  return spec;
}

}  // namespace baton::test
