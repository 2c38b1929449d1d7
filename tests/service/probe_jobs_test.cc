// What the daemon finds where its jobs run, as `probe` asks for it.
#include "service/probe_jobs.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "service/job_site.h"

using namespace baton;
using namespace baton::test;

namespace {

struct Probing : JobSite {
  explicit Probing(const protocol::Config& config) : JobSite(config) {}

  json answer() {
    workshop.drop("orchestrator/commands/c.json", R"({"command": "probe"})");
    run->intake.look_again("orchestrator/commands/c.json");
    static_cast<void>(run->turn([&](service::Turn& turn) { run->intake.take(turn); }));
    REQUIRE(eventually([&] { return workshop.has("orchestrator/commands/done/c.json"); }));
    const json document = workshop.document("orchestrator/commands/done/c.json");
    CHECK(protocol::problems(protocol::Kind::answer, document).empty());
    take();
    CHECK(rows() == 0);
    return document;
  }
};

protocol::Check check(std::vector<std::vector<std::string>> commands, const std::string& cwd = ".") {
  protocol::Check check;
  check.commands = std::move(commands);
  check.cwd = cwd;
  return check;
}

}  // namespace

TEST_CASE("every job is looked at where it would run, and none is started") {
  protocol::Config config;
  config.planner_command = {"/bin/sh", "-c", "touch started"};
  config.notify_command = {"no-such-notifier"};
  config.checkpoints["tests pass"] = check({{"touch", "started"}, {"./run"}, {"./run"}}, "sub");
  config.checkpoints["elsewhere"] = check({{"true"}}, "missing");
  Probing site(config);
  std::filesystem::create_directory(site.workshop.folder / "sub");
  site.workshop.put("sub/run", "#!/no/such/interpreter\n");
  ::chmod((site.workshop.folder / "sub/run").c_str(), 0700);
  const json answer = site.answer();
  CHECK(answer["ok"] == true);
  CHECK(answer["message"] == "2 of 5 programs can be started");
  const json& found = answer["findings"];
  REQUIRE(found.size() == 5);
  CHECK(found[0]["job"] == "planner");
  CHECK(found[0]["path"] == "/bin/sh");
  CHECK_FALSE(found[0].contains("problem"));
  CHECK(found[0]["folder"] == site.workshop.folder.path());
  CHECK(found[1]["job"] == "notify");
  CHECK(found[1]["problem"] == "not found in PATH");
  CHECK(found[2]["job"] == "elsewhere");
  CHECK(found[2]["problem"].get<std::string>().find("missing is not there") != std::string::npos);
  CHECK(found[3]["job"] == "tests pass");
  CHECK(found[3]["path"].get<std::string>().ends_with("/touch"));
  CHECK(found[4]["program"] == "./run");
  CHECK(found[4]["problem"] == "its interpreter /no/such/interpreter: No such file or directory");
  CHECK_FALSE(site.workshop.has("started"));
  CHECK_FALSE(site.workshop.has("sub/started"));
  for (const std::string& name : site.workshop.list("sub", true)) CHECK(name == "run");
}

TEST_CASE("without any command there is nothing to look at") {
  Probing site(protocol::Config{});
  const json answer = site.answer();
  CHECK(answer["ok"] == true);
  CHECK(answer["findings"] == json::array());
}

TEST_CASE("two requests are answered each") {
  protocol::Config config;
  config.planner_command = {"true"};
  Probing site(config);
  for (const char* name : {"a", "b"}) {
    site.workshop.drop("orchestrator/commands/" + std::string(name) + ".json", R"({"command": "probe"})");
    site.run->intake.look_again("orchestrator/commands/" + std::string(name) + ".json");
  }
  static_cast<void>(site.run->turn([&](service::Turn& turn) { site.run->intake.take(turn); }));
  CHECK(site.eventually([&] { return site.workshop.list("orchestrator/commands/done").size() == 2; }));
}
