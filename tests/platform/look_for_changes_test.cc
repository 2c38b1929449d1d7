#include "platform/look_for_changes.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "platform/child.h"

using namespace baton;
using namespace baton::platform;
using test::becomes_true;
using test::TempFolder;

namespace {

/// Times of the filesystem are coarse: what was done is done again until it is seen.
bool is_seen(const TempFolder& folder, const std::function<void()>& change) {
  const auto before = look_for_changes({folder.path()}).marks;
  return becomes_true([&] {
    change();
    return look_for_changes({folder.path()}).marks != before;
  });
}

}  // namespace

TEST_CASE("nothing changed: the mark stays") {
  const TempFolder folder;
  folder.folder("a/b");
  folder.put("a/b/deep", "12345");
  folder.put("near", "123");
  const ChangeLook first = look_for_changes({folder.path()});
  const ChangeLook second = look_for_changes({folder.path()});
  CHECK(first.marks == second.marks);
  CHECK(first.entries == 5);
  CHECK(first.whole);
  CHECK(first.bytes == 8);
  CHECK(first.newest_wall_ms > 0);
  CHECK(first.newest_path.starts_with(folder.path()));
}

TEST_CASE("every kind of change is seen, however deep") {
  const TempFolder folder;
  folder.folder("a/b/c");
  folder.put("a/b/c/file", "1");
  CHECK(is_seen(folder, [&] { folder.put("a/b/c/new", ""); }));
  CHECK(is_seen(folder, [&] { folder.put("a/b/c/file", "22"); }));
  CHECK(is_seen(folder, [&] { folder.put("a/b/c/file", "33"); }));  // the same size
  CHECK(is_seen(folder, [&] { ::chmod((folder / "a/b/c/file").c_str(), 0640); }));
  CHECK(is_seen(folder, [&] { std::filesystem::rename(folder / "a/b/c/file", folder / "a/b/file"); }) == true);
  CHECK(is_seen(folder, [&] { std::filesystem::remove_all(folder / "a/b"); }));
}

TEST_CASE("a time that somebody set back hides nothing") {
  const TempFolder folder;
  folder.put("file", "1");
  const auto before = look_for_changes({folder.path()}).marks;
  CHECK(becomes_true([&] {
    folder.put("file", "2");
    const timespec old[2] = {{1, 0}, {1, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (folder / "file").c_str(), old, 0) == 0);
    return look_for_changes({folder.path()}).marks != before;
  }));
}

TEST_CASE("a symlink is looked at, not followed") {
  const TempFolder folder;
  const TempFolder outside;
  outside.put("big", std::string(1000, 'x'));
  std::filesystem::create_symlink(outside.path(), folder / "link");
  std::filesystem::create_symlink(folder.path(), folder / "circle");
  const ChangeLook before = look_for_changes({folder.path()});
  CHECK(before.entries == 3);
  CHECK(before.bytes == 0);
  outside.put("new", "");
  CHECK(look_for_changes({folder.path()}).marks == before.marks);
  CHECK(look_for_changes({folder / "link"}).entries == 1);
}

TEST_CASE("what is missing may come") {
  const TempFolder folder;
  const ChangeLook before = look_for_changes({folder / "none"});
  CHECK(before.entries == 0);
  CHECK(before.whole);
  CHECK(before.newest_path.empty());
  folder.put("none", "x");
  const ChangeLook after = look_for_changes({folder / "none"});
  CHECK(after.marks != before.marks);
  CHECK(after.newest_path == folder / "none");
  CHECK(after.bytes == 1);
  CHECK(look_for_changes({}).marks == before.marks);
  CHECK(look_for_changes({folder / "none/below"}).whole);
}

TEST_CASE("a look ends at its limit, and says so") {
  const TempFolder folder;
  folder.folder("a");
  folder.folder("b");
  folder.put("a/1", "");
  folder.put("b/1", "");
  CHECK(look_for_changes({folder.path()}, {5, 10'000}).entries == 5);
  CHECK(look_for_changes({folder.path()}, {6, 10'000}).whole);
  const ChangeLook cut = look_for_changes({folder.path()}, {3, 10'000});
  CHECK(cut.entries == 3);
  CHECK_FALSE(cut.whole);
}

TEST_CASE("looks that are cut at different places agree as far as both go, and a change there is seen") {
  const TempFolder folder;
  constexpr std::size_t k_files = 3 * ChangeLook::k_part;
  for (std::size_t i = 0; i < k_files; ++i) folder.put("f" + std::to_string(i), "");
  const ChangeLook whole = look_for_changes({folder.path()});
  CHECK(whole.whole);
  CHECK(whole.marks.size() == 4);
  const ChangeLook timely = look_for_changes({folder.path()}, {10'000, 0});  // no time at all: the first part all the same
  CHECK_FALSE(timely.whole);
  CHECK(timely.marks == std::vector{whole.marks[0]});
  const ChangeLook cut = look_for_changes({folder.path()}, {2 * ChangeLook::k_part + 5, 10'000});
  CHECK(cut.marks == std::vector{whole.marks[0], whole.marks[1]});
  CHECK(becomes_true([&] {
    for (std::size_t i = 0; i < k_files; ++i) folder.put("f" + std::to_string(i), "1");
    return look_for_changes({folder.path()}, {10'000, 0}).marks != timely.marks;
  }));
}

TEST_CASE("the size of a file beneath a folder, and of nothing else") {
  const TempFolder folder, elsewhere;
  folder.folder("a");
  folder.put("a/log", "12345");
  elsewhere.put("log", "1");
  CHECK(size_beneath(folder.path(), "a/log") == 5);
  CHECK_FALSE(size_beneath(folder.path(), "a").has_value());
  CHECK_FALSE(size_beneath(folder.path(), "").has_value());
  CHECK_FALSE(size_beneath(folder.path(), "none").has_value());
  CHECK_FALSE(size_beneath(folder / "none", "log").has_value());
  CHECK_FALSE(size_beneath(folder.path(), elsewhere / "log").has_value());
  CHECK_FALSE(size_beneath(folder / "a", "../a/../../" + std::filesystem::path(elsewhere.path()).filename().string() + "/log"));
  std::filesystem::create_symlink(elsewhere / "log", folder / "link");
  CHECK_FALSE(size_beneath(folder.path(), "link").has_value());
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_FALSE(size_beneath(folder.path(), "pipe").has_value());
}
