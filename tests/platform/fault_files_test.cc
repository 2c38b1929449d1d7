#include "platform/fault_files.h"

#include <doctest/doctest.h>

#include "platform/files_at.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;
using test::FaultFiles;
using test::Primitive;

namespace {

struct Crash {};

struct Fixture {
  test::TempFolder folder;
  std::unique_ptr<Files> real = open_files(folder.path(), 0600, 0700).value();
  FaultFiles files{*real};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "every primitive passes through and is recorded") {
  CHECK(files.make_folder("d"));
  CHECK(files.write(".a", "one"));
  CHECK(files.rename(".a", "d/a", Replace::no));
  CHECK(files.write("b", "two"));
  CHECK(files.exchange("d/a", "b"));
  CHECK(files.symlink("b", "l"));
  CHECK(files.append("feed", "x\n")->written == 2);
  CHECK(files.read_at("feed", 0, 9).value() == "x\n");
  CHECK(files.read("b", 9)->bytes == "one");
  CHECK(files.stat("l")->type == FileType::symlink);
  CHECK(files.list("")->size() == 4);
  CHECK(files.set_owner("b", files.stat("feed").value()));
  CHECK(files.sync("feed"));
  CHECK(files.remove("l"));
  REQUIRE(files.count() == 15);
  CHECK(files.steps()[2].primitive == Primitive::rename);
  CHECK(files.steps()[2].path == ".a");
  CHECK(files.steps()[2].other == "d/a");
  CHECK(files.steps()[5].other == "b");
}

TEST_CASE_FIXTURE(Fixture, "the chosen primitive fails and changes nothing") {
  files.fail(2, Error{ErrorCode::no_space, "full", "", {}});
  CHECK(files.write("a", "1"));
  const auto failed = files.write("b", "2");
  REQUIRE(!failed);
  CHECK(failed.error().code == ErrorCode::no_space);
  CHECK(!folder.has("b"));
  CHECK(files.write("b", "2"));
}

TEST_CASE_FIXTURE(Fixture, "all fail until cleared, and only what is counted") {
  files.count_only_changes();
  files.fail_all(Error{ErrorCode::no_space, "full", "", {}});
  CHECK(!files.write("a", "1"));
  CHECK(files.list("")->empty());
  files.clear();
  CHECK(files.write("a", "1"));
  CHECK(files.count() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a crash before leaves the world as it was, one after leaves it changed") {
  files.before(1, [] { throw Crash{}; });
  files.after(2, [] { throw Crash{}; });
  CHECK_THROWS_AS((void)files.write("a", "1"), Crash);
  CHECK(!folder.has("a"));
  CHECK_THROWS_AS((void)files.write("a", "1"), Crash);
  CHECK(folder.get("a") == "1");
}

TEST_CASE_FIXTURE(Fixture, "a torn append says how much it wrote") {
  files.tear(1, 3);
  CHECK(files.append("feed", "abcdef\n")->written == 3);
  CHECK(files.append("feed", "gh\n")->offset == 3);
  CHECK(folder.get("feed") == "abcgh\n");
}
