#include "platform/probe.h"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

namespace {

/// The exit code of a child that does this.
int in_a_child(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_denied(const ProbeResult& result, const std::string& what) {
  return std::ranges::any_of(result.denied, [&what](const Denial& denial) { return denial.what == what; });
}

}  // namespace

TEST_CASE("programs are found as a shell would, with what keeps them from being started") {
  const test::TempFolder folder;
  folder.put("plain", "text");
  folder.put("script", "#!/no/such/interpreter -x\n");
  folder.put("good", "#! /bin/sh\n");
  for (const char* name : {"script", "good"}) REQUIRE(::chmod((folder / name).c_str(), 0700) == 0);
  const ProbeResult result =
      probe({"sh", folder / "plain", folder / "script", folder / "good", folder / "nothing", folder.path(), "no-such-program"});
  REQUIRE(result.programs.size() == 7);
  CHECK(result.programs[0].path.ends_with("/sh"));
  CHECK(result.programs[0].problem.empty());
  CHECK(result.programs[1].problem == "Permission denied");
  CHECK(result.programs[2].problem == "its interpreter /no/such/interpreter: No such file or directory");
  CHECK(result.programs[3].problem.empty());
  CHECK(result.programs[4].problem == "No such file or directory");
  CHECK(result.programs[5].problem == "it is no file");
  CHECK(result.programs[6] == ProgramLook{"", "not found in PATH"});
}

TEST_CASE("what is denied is found by trying it, and leaves nothing behind") {
  const test::TempFolder folder;
  CHECK(in_a_child([&] {
          if (::chdir(folder.path().c_str()) != 0 || ::setenv("TMPDIR", folder.path().c_str(), 1) != 0 ||
              ::setenv("HOME", "/proc/self", 1) != 0)
            return 2;
          const int priority = ::getpriority(PRIO_PROCESS, 0);
          const ProbeResult result = probe({});
          if (::getpriority(PRIO_PROCESS, 0) != priority) return 3;
          return is_denied(result, "home") && !is_denied(result, "folder") && !is_denied(result, "tmp") ? 0 : 1;
        }) == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("that privileges cannot be had is told") {
  CHECK(in_a_child([] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && probe({}).no_new_privileges ? 0 : 1; }) == 0);
}

TEST_CASE("lines tell all of a result; other lines are passed over") {
  const ProbeResult result{{{"/bin/sh", ""}, {"", "not found in PATH"}}, {{"network", "Network is unreachable"}}, true};
  CHECK(from_lines(to_lines(result)) == result);
  CHECK(from_lines("a library says\n" + to_lines(result) + "a\tb\n") == result);
  CHECK(from_lines("") == ProbeResult{});
  const ProbeResult odd{{{"/a\nb\tc", ""}}, {}, false};
  CHECK(from_lines(to_lines(odd)).programs.size() == 1);
}
