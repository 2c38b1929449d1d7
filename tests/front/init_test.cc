// baton init: what it makes, with which modes, and that it never touches what stands.
#include <sys/stat.h>
#include <map>

#include "front_fixture.h"
#include "protocol/paths.h"

using namespace baton;
using namespace baton::front;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

/// Path → bytes of everything beneath.
std::map<std::string, std::string> everything(const std::string& root) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    std::ifstream in(entry.path(), std::ios::binary);
    all[entry.path().string()] = entry.is_directory() ? "" : (std::ostringstream() << in.rdbuf()).str();
  }
  return all;
}

}  // namespace

TEST_CASE("the set-up of one user") {
  const TemporaryFolder place;
  const mode_t before = umask(0);
  const Ran ran = run_words({"init", place.path()});
  umask(before);
  REQUIRE(ran.code == 0);
  const std::string root = place.path() + "/coordination";
  CHECK(contains(ran.out, "made " + root));
  CHECK(contains(ran.out, "baton daemon"));
  for (const std::string& folder : protocol::paths::fixed_folders()) CHECK(mode_of(root + "/" + folder) == 0700);
  CHECK(mode_of(root) == 0700);
  CHECK(mode_of(root + "/.gitignore") == 0600);
  CHECK(mode_of(root + "/masters/development/handoffs/claimed") == 0700);
  for (const char* where : {"claimed", "done", "stale"})
    CHECK(std::filesystem::is_directory(root + "/masters/security/handoffs/" + where));
  std::ifstream ignore(root + "/.gitignore");
  CHECK((std::ostringstream() << ignore.rdbuf()).str() == "*\n");
}

TEST_CASE("the set-up of a group, whatever the umask") {
  const TemporaryFolder place;
  const mode_t before = umask(077);
  const Ran ran = run_words({"init", place.path(), "--shared"});
  umask(before);
  REQUIRE(ran.code == 0);
  const std::string root = place.path() + "/coordination";
  for (const std::string& folder : protocol::paths::fixed_folders()) CHECK(mode_of(root + "/" + folder) == 02770);
  CHECK(mode_of(root + "/orchestrator/config.json") == 0660);
  CHECK(mode_of(root + "/masters/cicd/handoffs/done") == 02770);
}

TEST_CASE("a second init changes nothing, and lays down what is missing") {
  const Coordination coordination;
  coordination.write("orchestrator/config.json", "{}");
  coordination.write("notes.txt", "mine");
  const auto before = everything(coordination.root());
  const std::string parent = std::filesystem::path(coordination.root()).parent_path().string();
  Ran again = run_words({"init", parent});
  CHECK(again.code == 0);
  CHECK(contains(again.out, "nothing was changed"));
  CHECK(everything(coordination.root()) == before);

  coordination.remove("orchestrator/commands");
  again = run_words({"init", parent, "--json"});
  CHECK(again.code == 0);
  CHECK(contains(again.out, "\"made\":2"));
  CHECK(coordination.exists("orchestrator/commands/done"));
}

TEST_CASE("no coordination folder within one") {
  const Coordination coordination;
  const auto before = everything(coordination.root());
  for (const std::string& inside : {coordination.root(), coordination.at("masters/security")}) {
    const Ran ran = run_words({"init", inside});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "lies in the coordination folder " + coordination.root()));
  }
  CHECK(everything(coordination.root()) == before);
}

TEST_CASE("what is in the way is named") {
  const TemporaryFolder place;
  std::ofstream(place.path() + "/coordination") << "a file";
  const Ran ran = run_words({"init", place.path()});
  CHECK(ran.code == 5);
  CHECK(contains(ran.err, place.path() + "/coordination exists and is no folder"));
}

TEST_CASE("one user's folder is not opened to a group by the way") {
  const Coordination coordination;
  const Ran ran = run_words({"init", std::filesystem::path(coordination.root()).parent_path().string(), "--shared"});
  CHECK(ran.code == 5);
  CHECK(contains(ran.err, "already stands as the set-up of one user"));
  CHECK(mode_of(coordination.root()) == 0700);
}
