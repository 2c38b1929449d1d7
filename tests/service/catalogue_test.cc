#include "service/catalogue.h"

#include <doctest/doctest.h>

#include "service/workshop.h"

using namespace baton;
using namespace baton::test;

namespace {

struct Reading {
  Workshop workshop;
  service::CatalogueReader reader{workshop.files};
  std::vector<service::CatalogueProblem> problems;
  core::Catalogue read() {
    problems.clear();
    return reader.read(workshop.config, problems);
  }
};

}  // namespace

TEST_CASE("settings, masters and playbooks are read; what is no master's name is left out") {
  Reading r;
  r.workshop.drop("orchestrator/config.json", "{\"max_subtasks\": 7} // seven");
  r.workshop.drop("masters/security/master.json", "{\"max_active\": 2}");
  r.workshop.folder.folder("masters/Not A Master");
  const auto catalogue = r.read();
  CHECK(r.problems.empty());
  CHECK(catalogue.settings.max_subtasks == 7);
  REQUIRE(catalogue.masters.size() == 2);
  CHECK(catalogue.masters.at("security").max_active == 2);
  CHECK(catalogue.masters.at("development").max_active == 0);
}

TEST_CASE("a bad file keeps its last good version and is reported once per content") {
  Reading r;
  r.workshop.drop("orchestrator/config.json", "{\"max_subtasks\": 7}");
  r.workshop.drop("masters/security/master.json", "{\"max_active\": 2}");
  r.read();
  r.workshop.drop("orchestrator/config.json", "{\"max_subtaks\": 8}");
  r.workshop.drop("masters/security/master.json", "{");
  auto catalogue = r.read();
  REQUIRE(r.problems.size() == 2);
  CHECK(r.problems[0].path == "orchestrator/config.json");
  CHECK(r.problems[0].error.message.find("max_subtaks") != std::string::npos);
  CHECK(r.problems[1].path == "masters/security/master.json");
  CHECK(catalogue.settings.max_subtasks == 7);
  CHECK(catalogue.masters.at("security").max_active == 2);
  catalogue = r.read();
  CHECK(r.problems.empty());
  CHECK(catalogue.settings.max_subtasks == 7);
  CHECK(catalogue.masters.at("security").max_active == 2);
  r.workshop.drop("masters/security/master.json", "[]");
  r.read();
  CHECK(r.problems.size() == 1);
  r.workshop.drop("masters/security/master.json", "{\"max_active\": 3}");
  CHECK(r.read().masters.at("security").max_active == 3);
  CHECK(r.problems.empty());
}

TEST_CASE("what cannot be looked at keeps its last good version, is reported once and asked for again") {
  Reading r;
  const std::string playbook = R"({"description": "d", "match": {"any": ["x"]}, "steps": [{"role": "a", "title": "t"}]})";
  r.workshop.drop("orchestrator/config.json", "{\"max_subtasks\": 7}");
  r.workshop.drop("masters/security/master.json", "{\"max_active\": 2}");
  r.workshop.drop("orchestrator/playbooks/p.json", playbook);
  r.read();
  CHECK_FALSE(r.reader.unreadable());
  r.workshop.files.count_only([](Primitive, const std::string&) { return true; });
  r.workshop.files.fail_all(Error{ErrorCode::io, "Too many open files", {}, {}});
  for (const std::size_t reports : {std::size_t{6}, std::size_t{0}}) {
    const auto catalogue = r.read();
    CHECK(r.problems.size() == reports);
    CHECK(r.reader.unreadable());
    CHECK(catalogue.settings.max_subtasks == 7);
    REQUIRE(catalogue.masters.size() == 2);
    CHECK(catalogue.masters.at("security").max_active == 2);
    CHECK(catalogue.playbooks.size() == 1);
  }
  r.workshop.files.clear();
  CHECK(r.read().masters.size() == 2);
  CHECK_FALSE(r.reader.unreadable());
}

TEST_CASE("a symlink where the settings were: the last good ones count, and it is said once") {
  Reading r;
  r.workshop.drop("orchestrator/config.json", "{\"max_subtasks\": 7}");
  r.read();
  r.workshop.move("orchestrator/config.json", "elsewhere.json");
  REQUIRE(r.workshop.real->symlink("../elsewhere.json", "orchestrator/config.json").has_value());
  CHECK(r.read().settings.max_subtasks == 7);
  CHECK(r.problems.size() == 1);
  CHECK(r.read().settings.max_subtasks == 7);
  CHECK(r.problems.empty());
  CHECK_FALSE(r.reader.unreadable());
}

TEST_CASE("a file that is taken away means the defaults again") {
  Reading r;
  const std::string playbook = R"({"description": "d", "match": {"any": ["x"]}, "steps": [{"role": "a", "title": "t"}]})";
  r.workshop.drop("orchestrator/config.json", "{\"max_subtasks\": 7}");
  r.workshop.drop("masters/security/master.json", "{\"max_active\": 2}");
  r.workshop.drop("orchestrator/playbooks/p.json", playbook);
  r.workshop.drop("orchestrator/playbooks/.hidden.json", playbook);
  auto catalogue = r.read();
  for (const auto& problem : r.problems) FAIL_CHECK(problem.path << ": " << problem.error.message);
  CHECK(catalogue.playbooks.size() == 1);
  r.workshop.remove("orchestrator/config.json");
  r.workshop.remove("masters/security/master.json");
  r.workshop.remove("orchestrator/playbooks/p.json");
  catalogue = r.read();
  CHECK(catalogue.settings.max_subtasks == core::Settings().max_subtasks);
  CHECK(catalogue.masters.at("security").max_active == 0);
  CHECK(catalogue.playbooks.empty());
  r.workshop.remove("masters/security");
  CHECK(r.read().masters.size() == 1);
}
