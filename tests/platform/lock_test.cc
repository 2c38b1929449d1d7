#include "platform/lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

TEST_CASE("the second taker is refused and told who holds the lock") {
  const test::TempFolder folder;
  const std::string path = folder / "daemon.lock";
  CHECK(lock_holder(path) == std::nullopt);
  {
    const auto lock = Lock::take(path, 0640);
    REQUIRE(lock);
    CHECK(lock_holder(path) == ::getpid());
    CHECK(folder.get("daemon.lock") == std::to_string(::getpid()) + "\n");
    struct ::stat raw {};
    CHECK(::stat(path.c_str(), &raw) == 0);
    CHECK((raw.st_mode & 07777U) == 0640);
    const auto second = Lock::take(path, 0640);
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::refused);
    CHECK(second.error().message == "cannot lock " + path + ": the process " + std::to_string(::getpid()) + " holds it");
  }
  CHECK(lock_holder(path) == std::nullopt);
  CHECK(Lock::take(path, 0640));
}

TEST_CASE("the lock ends with its process, and a longer pid left in the file is overwritten") {
  const test::TempFolder folder;
  const std::string path = folder / "daemon.lock";
  folder.put("daemon.lock", "999999999 and more\n");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = Lock::take(path, 0600);
    ::_exit(lock && lock_holder(path) == ::getpid() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(folder.get("daemon.lock") == std::to_string(child) + "\n");
  CHECK(lock_holder(path) == std::nullopt);
}

TEST_CASE("a lock that is given back is waited for, one that is kept is not waited for longer than said") {
  const test::TempFolder folder;
  const std::string path = folder / "daemon.lock";
  CHECK(wait_for_release(path, std::chrono::hours(1)));  // nobody has it
  auto lock = Lock::take(path, 0640);
  REQUIRE(lock);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(wait_for_release(path, std::chrono::milliseconds(5)));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(5));
  CHECK(lock_holder(path) == ::getpid());
  bool released = false;
  std::thread waiting([&] { released = wait_for_release(path, std::chrono::hours(1)); });
  lock = fail(ErrorCode::io, "given back");
  waiting.join();
  CHECK(released);
  CHECK(lock_holder(path) == std::nullopt);
}

TEST_CASE("asking never gets in the way of taking") {
  const test::TempFolder folder;
  const std::string path = folder / "daemon.lock";
  folder.put("daemon.lock", "1\n");
  std::atomic<bool> stop = false;
  std::thread asker([&] {
    while (!stop) (void)lock_holder(path);
  });
  for (int i = 0; i < 2000; ++i) CHECK(Lock::take(path, 0600));
  stop = true;
  asker.join();
}

TEST_CASE("what is no file cannot be locked") {
  const test::TempFolder folder;
  folder.put("target", "");
  REQUIRE(::symlink("target", (folder / "link").c_str()) == 0);
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(Lock::take(folder / "link", 0600).error().code == ErrorCode::invalid);
  CHECK(Lock::take(folder / "fifo", 0600).error().code == ErrorCode::invalid);
  CHECK(Lock::take(folder.path(), 0600).error().code == ErrorCode::invalid);
  CHECK(Lock::take(folder / "none/lock", 0600).error().code == ErrorCode::not_found);
  CHECK(lock_holder(folder / "none") == std::nullopt);
}

TEST_CASE("no_writer knows who has the file open for writing") {
  const test::TempFolder folder;
  folder.put("a", "x");
  folder.folder("d");
  REQUIRE(::symlink("a", (folder / "link").c_str()) == 0);
  const Fd dir(::open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (no_writer(dir.get(), "a") == std::nullopt) {
    MESSAGE("skipped: leases are not permitted here");
    return;
  }
  CHECK(no_writer(dir.get(), "a") == true);
  {
    const Fd writer(::open((folder / "a").c_str(), O_WRONLY | O_CLOEXEC));
    CHECK(no_writer(dir.get(), "a") == false);
  }
  const Fd reader(::open((folder / "a").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(no_writer(dir.get(), "a") == true);
  CHECK(no_writer(dir.get(), "d") == std::nullopt);
  CHECK(no_writer(dir.get(), "none") == std::nullopt);
  CHECK(no_writer(dir.get(), "link") == std::nullopt);
}

TEST_CASE("a writer that breaks the lease is let in at once and nobody is signalled") {
  const test::TempFolder folder;
  folder.put("a", "x");
  const Fd dir(::open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) const Fd open(::open((folder / "a").c_str(), O_WRONLY | O_CLOEXEC));
  });
  for (int i = 0; i < 5000; ++i) (void)no_writer(dir.get(), "a");  // a signal with its default action would end this program
  stop = true;
  writer.join();
  CHECK(no_writer(dir.get(), "a") != false);
}
