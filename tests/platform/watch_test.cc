#include "platform/watch.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "platform/fd.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;
using What = Notice::What;

namespace {

const char* word(What what) {
  switch (what) {
    case What::appeared: return "appeared";
    case What::written: return "written";
    case What::touched: return "touched";
    case What::opened_new: return "opened_new";
    case What::gone: return "gone";
    case What::folder_lost: return "folder_lost";
    case What::list_all: return "list_all";
  }
  return "?";
}

// "appeared d/a" per notice; a folder's name ends in '/'.
std::vector<std::string> said(Watch& watch) {
  std::vector<std::string> lines;
  for (const Notice& notice : watch.read())
    lines.push_back(std::string(word(notice.what)) + " " + notice.folder + ":" + notice.name + (notice.is_folder ? "/" : ""));
  return lines;
}

using Lines = std::vector<std::string>;

struct Fixture {
  Fixture() {
    folder.folder("d");
    REQUIRE(watch.add(""));
    REQUIRE(watch.add("d"));
  }
  test::TempFolder folder;
  Watch watch = Watch::open(folder.path()).value();

  void move(const std::string& from, const std::string& to) const {
    REQUIRE(::rename((folder / from).c_str(), (folder / to).c_str()) == 0);
  }
  Fd make(const std::string& name) const { return Fd(::open((folder / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "quiet: nothing to read, and reading does not block") {
  CHECK(watch.read().empty());
  CHECK(watch.notifies());
}

TEST_CASE_FIXTURE(Fixture, "renamed in: appeared; renamed out: gone") {
  folder.put(".t", "x");
  said(watch);
  move(".t", "d/a");
  CHECK(said(watch) == Lines{"gone :.t", "appeared d:a"});
  move("d/a", "b");
  CHECK(said(watch) == Lines{"gone d:a", "appeared :b"});
}

TEST_CASE_FIXTURE(Fixture, "written in place: opened, then written at the close") {
  {
    const Fd fd = make("d/a");
    CHECK(said(watch) == Lines{"opened_new d:a"});
    REQUIRE(::write(fd.get(), "x", 1) == 1);
    CHECK(said(watch).empty());
  }
  CHECK(said(watch) == Lines{"written d:a"});
  { const Fd again = make("d/a"); }
  CHECK(said(watch) == Lines{"written d:a"});
}

TEST_CASE_FIXTURE(Fixture, "what is never closed after writing appears at once") {
  folder.put("far", "x");
  said(watch);
  REQUIRE(::symlink("far", (folder / "d/link").c_str()) == 0);
  REQUIRE(::mkfifo((folder / "d/fifo").c_str(), 0600) == 0);
  REQUIRE(::link((folder / "far").c_str(), (folder / "d/hard").c_str()) == 0);
  REQUIRE(::mkdir((folder / "d/sub").c_str(), 0700) == 0);
  CHECK(said(watch) == Lines{"appeared d:link", "appeared d:fifo", "appeared d:hard", "appeared d:sub/"});
}

TEST_CASE_FIXTURE(Fixture, "a file linked from an unnamed one appears or is written") {
  const Fd fd(::open((folder / "d").c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!fd) {
    MESSAGE("skipped: no O_TMPFILE here");
    return;
  }
  const std::string self = "/proc/self/fd/" + std::to_string(fd.get());
  REQUIRE(::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, (folder / "d/a").c_str(), AT_SYMLINK_FOLLOW) == 0);
  const Lines lines = said(watch);
  REQUIRE(!lines.empty());
  CHECK(lines.front() == "opened_new d:a");
}

TEST_CASE_FIXTURE(Fixture, "touching and deleting are told apart") {
  folder.put("d/a", "x");
  said(watch);
  REQUIRE(::chmod((folder / "d/a").c_str(), 0640) == 0);
  CHECK(said(watch) == Lines{"touched d:a"});
  REQUIRE(::utimensat(AT_FDCWD, (folder / "d/a").c_str(), nullptr, 0) == 0);
  CHECK(said(watch) == Lines{"touched d:a"});
  REQUIRE(::unlink((folder / "d/a").c_str()) == 0);
  CHECK(said(watch) == Lines{"gone d:a"});
  REQUIRE(::chmod((folder / "d").c_str(), 0750) == 0);
  CHECK(said(watch) == Lines{"touched :d/"});
}

TEST_CASE_FIXTURE(Fixture, "a deleted folder is lost once, and a new one of its name can be watched") {
  REQUIRE(::rmdir((folder / "d").c_str()) == 0);
  Lines lines = said(watch);
  CHECK(std::ranges::count(lines, "folder_lost d:/") == 1);
  CHECK(std::ranges::count(lines, "gone :d/") == 1);
  CHECK(watch.add("d").error().code == ErrorCode::not_found);
  folder.folder("d");
  CHECK(said(watch) == Lines{"appeared :d/"});
  CHECK(watch.add("d"));
  folder.put("d/a", "x");
  CHECK(said(watch) == Lines{"opened_new d:a", "written d:a"});
}

TEST_CASE_FIXTURE(Fixture, "a replaced folder: the old one is lost, the new one is watched, the old one stays silent") {
  folder.folder("new");
  folder.put("new/x", "x");
  said(watch);
  move("d", "old");
  move("new", "d");
  const Lines lines = said(watch);
  CHECK(std::ranges::count(lines, "folder_lost d:/") == 1);
  CHECK(lines.back() == "appeared :d/");
  CHECK(watch.add("d"));
  CHECK(said(watch).empty());
  folder.put("old/y", "y");
  CHECK(said(watch).empty());
  folder.put("d/z", "z");
  CHECK(said(watch) == Lines{"opened_new d:z", "written d:z"});
}

TEST_CASE_FIXTURE(Fixture, "what lies in a moved folder is lost with it, also where nobody watches in between") {
  folder.folder("d/in/deep");
  folder.folder("din");
  REQUIRE(watch.add("d/in/deep"));
  REQUIRE(watch.add("din"));
  said(watch);
  move("d/in", "elsewhere");
  Lines lines = said(watch);
  CHECK(lines == Lines{"gone d:in/", "folder_lost d/in/deep:/", "appeared :elsewhere/"});
  folder.put("elsewhere/deep/a", "x");
  folder.put("din/a", "x");
  CHECK(said(watch) == Lines{"opened_new din:a", "written din:a"});
}

TEST_CASE_FIXTURE(Fixture, "the root itself replaced") {
  const test::TempFolder outer;
  outer.folder("root/d");
  Watch other = Watch::open(outer / "root").value();
  REQUIRE(other.add(""));
  REQUIRE(other.add("d"));
  REQUIRE(::rename((outer / "root").c_str(), (outer / "old").c_str()) == 0);
  CHECK(said(other) == Lines{"folder_lost :/", "folder_lost d:/"});
  CHECK(other.add("").error().code == ErrorCode::not_found);
  outer.folder("root");
  CHECK(other.add(""));
  outer.put("root/a", "x");
  CHECK(said(other) == Lines{"opened_new :a", "written :a"});
}

TEST_CASE_FIXTURE(Fixture, "a folder watched under its new name before its move was read") {
  move("d", "e");
  REQUIRE(watch.add("e"));
  const Lines lines = said(watch);
  CHECK(std::ranges::count(lines, "folder_lost d:/") == 1);
  if (std::ranges::count(lines, "folder_lost e:/") == 1) REQUIRE(watch.add("e"));  // the late notice of the move
  folder.put("e/a", "x");
  CHECK(said(watch) == Lines{"opened_new e:a", "written e:a"});
}

TEST_CASE_FIXTURE(Fixture, "what is watched already may be added again") {
  CHECK(watch.add("d"));
  folder.put("d/a", "x");
  CHECK(said(watch).size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "only folders beneath the root are watched") {
  folder.put("f", "x");
  REQUIRE(::symlink("/tmp", (folder / "out").c_str()) == 0);
  CHECK(watch.add("none").error().code == ErrorCode::not_found);
  CHECK(watch.add("f").error().code == ErrorCode::not_found);
  CHECK(watch.add("out").error().code == ErrorCode::invalid);
  CHECK(watch.add("..").error().code == ErrorCode::invalid);
  CHECK(watch.add("none").error().message == "cannot watch none: No such file or directory");
}

TEST_CASE_FIXTURE(Fixture, "a flood ends in one call for listing everything") {
  long limit = 0;
  if (std::FILE* file = std::fopen("/proc/sys/fs/inotify/max_queued_events", "re"); file != nullptr) {
    if (std::fscanf(file, "%ld", &limit) != 1) limit = 0;
    std::fclose(file);
  }
  if (limit <= 0 || limit > 200'000) {
    MESSAGE("skipped: max_queued_events is unknown, or too large to fill");
    return;
  }
  folder.put("d/a", "x");
  for (long i = 0; i < limit; i += 2) {
    move("d/a", "d/b");
    move("d/b", "d/a");
  }
  const std::vector<Notice> notices = watch.read();
  CHECK(static_cast<long>(notices.size()) == limit + 1);
  CHECK(notices.back().what == What::list_all);
  CHECK(notices.back().folder.empty());
  CHECK(watch.read().empty());
  folder.put("d/c", "x");
  CHECK(said(watch).size() == 2);
}

TEST_CASE("filesystems that keep silent about others are known") {
  CHECK(!filesystem_notifies(0x6969));                                  // NFS
  CHECK(!filesystem_notifies(0x01021997));                              // 9p
  CHECK(!filesystem_notifies(0x65735546));                              // FUSE
  CHECK(!filesystem_notifies(static_cast<std::int32_t>(0xFF534D42U)));  // CIFS, sign-extended as on 32 bit
  CHECK(filesystem_notifies(0xEF53));                                   // ext4
  CHECK(filesystem_notifies(0x9123683E));                               // btrfs
  CHECK(filesystem_notifies(0x01021994));                               // tmpfs
}

TEST_CASE_FIXTURE(Fixture, "the descriptor is readable exactly while something is there") {
  pollfd poll_fd = {watch.fd(), POLLIN, 0};
  CHECK(::poll(&poll_fd, 1, 0) == 0);
  folder.put("d/a", "x");
  CHECK(::poll(&poll_fd, 1, 0) == 1);
  said(watch);
  CHECK(::poll(&poll_fd, 1, 0) == 0);
}
