#include "platform/files_at.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "platform/fd.h"
#include "platform/temp_folder.h"

using namespace baton;
using namespace baton::platform;

namespace {

struct Fixture {
  Fixture() { ::umask(0077); }
  ~Fixture() { ::umask(old_umask); }
  mode_t old_umask = ::umask(0);
  test::TempFolder outer;
  std::string root = (outer.folder("root"), outer / "root");
  std::unique_ptr<Files> files = open_files(root, 0640, 0750).value();

  void put(const std::string& name, const std::string& bytes) const { outer.put("root/" + name, bytes); }
  std::string get(const std::string& name) const { return outer.get("root/" + name); }
  bool has(const std::string& name) const { return outer.has("root/" + name); }
};

template <class T>
ErrorCode code(const Result<T>& result) {
  REQUIRE(!result);
  return result.error().code;
}

template <class T>
std::string message(const Result<T>& result) {
  REQUIRE(!result);
  return result.error().message;
}

mode_t mode_of(const std::string& path) {
  struct ::stat raw {};
  REQUIRE(::lstat(path.c_str(), &raw) == 0);
  return raw.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a missing root is not found") {
  const auto files = open_files("/nonexistent/root", 0600, 0700);
  CHECK(code(files) == ErrorCode::not_found);
  CHECK(message(files) == "cannot open folder /nonexistent/root: No such file or directory");
}

TEST_CASE_FIXTURE(Fixture, "write makes the file anew with its mode, whatever the umask") {
  const auto made = files->write(".a", "hello");
  REQUIRE(made);
  CHECK(made->identity.size == 5);
  CHECK(made->mode == 0640);
  CHECK(mode_of(root + "/.a") == 0640);
  CHECK(files->stat(".a").value().identity == made->identity);
  CHECK(get(".a") == "hello");
}

TEST_CASE_FIXTURE(Fixture, "write replaces a file without touching its other names, and a symlink without following it") {
  put("a", "old and longer");
  REQUIRE(::link((root + "/a").c_str(), (root + "/second").c_str()) == 0);
  CHECK(files->write("a", "new"));
  CHECK(get("a") == "new");
  CHECK(get("second") == "old and longer");
  REQUIRE(::symlink("../outside", (root + "/l").c_str()) == 0);
  CHECK(files->write("l", "here"));
  CHECK(files->stat("l")->type == FileType::regular);
  CHECK(!outer.has("outside"));
}

TEST_CASE_FIXTURE(Fixture, "write refuses a folder's name and a missing folder") {
  outer.folder("root/d");
  CHECK(code(files->write("d", "x")) == ErrorCode::invalid);
  CHECK(message(files->write("d", "x")) == "cannot write d: it is a folder");
  CHECK(code(files->write("no/a", "x")) == ErrorCode::not_found);
  CHECK(code(files->write("", "x")) == ErrorCode::invalid);
}

TEST_CASE_FIXTURE(Fixture, "nothing leads out of the root") {
  outer.put("secret", "s");
  REQUIRE(::symlink("..", (root + "/up").c_str()) == 0);
  REQUIRE(::symlink("../secret", (root + "/leak").c_str()) == 0);
  put("mine", "m");
  for (const std::string path : {"../secret", "up/secret", "leak", "/etc/passwd", "d/../../secret"}) {
    CAPTURE(path);
    outer.folder("root/d");
    CHECK(code(files->read(path, 100)) == ErrorCode::invalid);
    CHECK(code(files->read_at(path, 0, 1)) == ErrorCode::invalid);
    CHECK(code(files->append(path, "x")) == ErrorCode::invalid);
    CHECK(code(files->sync(path)) == ErrorCode::invalid);
  }
  for (const std::string path : {"../x", "up/x", "/tmp/x", "..", "up/..", "d/../../x"}) {
    CAPTURE(path);
    CHECK(code(files->write(path, "x")) == ErrorCode::invalid);
    CHECK(code(files->rename("mine", path, Replace::yes)) == ErrorCode::invalid);
    CHECK(code(files->rename(path, "y", Replace::yes)) == ErrorCode::invalid);
    CHECK(code(files->exchange("mine", path)) == ErrorCode::invalid);
    CHECK(code(files->remove(path)) == ErrorCode::invalid);
    CHECK(code(files->symlink("mine", path)) == ErrorCode::invalid);
  }
  for (const std::string path : {"..", "../x", "up", "up/x", "/tmp"}) {
    CAPTURE(path);
    CHECK(code(files->list(path)) == ErrorCode::invalid);
    CHECK(code(files->make_folder(path)) == ErrorCode::invalid);
  }
  CHECK(message(files->read("leak", 9)) == "cannot read leak: the path leads through a symlink");
  CHECK(message(files->read("../secret", 9)) == "cannot read ../secret: the path leads out of its folder");
  CHECK(outer.get("secret") == "s");
  CHECK(!outer.has("x"));
}

TEST_CASE_FIXTURE(Fixture, "a name with a zero byte or beyond its length is invalid, and what is said of it is printable") {
  const std::string zero("a\0b", 3);
  put("a", "x");
  CHECK(code(files->read(zero, 9)) == ErrorCode::invalid);
  CHECK(code(files->write(zero, "x")) == ErrorCode::invalid);
  CHECK(code(files->remove(zero)) == ErrorCode::invalid);
  CHECK(code(files->make_folder(zero)) == ErrorCode::invalid);
  CHECK(has("a"));
  CHECK(files->write(std::string(255, 'n'), "x"));
  CHECK(code(files->write(std::string(256, 'n'), "x")) == ErrorCode::invalid);
  const std::string said = message(files->read("\x1b[31m\xff", 9));
  CHECK(said.find('\x1b') == std::string::npos);
  CHECK(said.find('\xff') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "stat tells the type and does not follow a symlink") {
  put("a", "abc");
  outer.folder("root/d");
  REQUIRE(::symlink("a", (root + "/l").c_str()) == 0);
  REQUIRE(::mkfifo((root + "/f").c_str(), 0600) == 0);
  CHECK(files->stat("a")->type == FileType::regular);
  CHECK(files->stat("a")->identity.size == 3);
  CHECK(files->stat("a")->uid == ::getuid());
  CHECK(files->stat("d")->type == FileType::directory);
  CHECK(files->stat("")->type == FileType::directory);
  CHECK(files->stat("l")->type == FileType::symlink);
  CHECK(files->stat("f")->type == FileType::other);
  CHECK(code(files->stat("none")) == ErrorCode::not_found);
  CHECK(code(files->stat("a/b")) == ErrorCode::not_found);
  CHECK(code(files->stat("l/b")) == ErrorCode::invalid);
}

TEST_CASE_FIXTURE(Fixture, "read gives one version, at the limit and not one past it") {
  put("a", "12345");
  const auto content = files->read("a", 5);
  REQUIRE(content);
  CHECK(content->bytes == "12345");
  CHECK(content->stat.identity == files->stat("a")->identity);
  CHECK(code(files->read("a", 4)) == ErrorCode::invalid);
  CHECK(message(files->read("a", 4)) == "cannot read a: it has 5 bytes, the limit is 4");
  put("empty", "");
  CHECK(files->read("empty", 0)->bytes.empty());
  CHECK(code(files->read("none", 9)) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "a huge sparse file is refused unread") {
  put("big", "");
  REQUIRE(::truncate((root + "/big").c_str(), off_t{1} << 40) == 0);
  CHECK(code(files->read("big", 64 << 20)) == ErrorCode::invalid);
  CHECK(files->read_at("big", 0, 3).value() == std::string(3, '\0'));
}

TEST_CASE_FIXTURE(Fixture, "folders, fifos, sockets and devices are no documents and never block") {
  outer.folder("root/d");
  REQUIRE(::mkfifo((root + "/f").c_str(), 0600) == 0);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (root + "/s").c_str(), sizeof address.sun_path - 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::vector<std::string> names = {"d", "f", "s"};
  if (::mknod((root + "/null").c_str(), S_IFCHR | 0600, 0x103) == 0)
    names.push_back("null");
  else
    MESSAGE("no right to make a device: left out");
  for (const std::string& name : names) {
    CAPTURE(name);
    CHECK(code(files->read(name, 100)) == ErrorCode::invalid);
    CHECK(code(files->read_at(name, 0, 1)) == ErrorCode::invalid);
    CHECK(code(files->append(name, "x")) == ErrorCode::invalid);
  }
  CHECK(message(files->read("f", 9)) == "cannot read f: it is no regular file");
  const Fd reader(::open((root + "/f").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  CHECK(code(files->append("f", "x")) == ErrorCode::invalid);  // somebody reads the fifo: opening alone would succeed
}

TEST_CASE_FIXTURE(Fixture, "a file that grows under the read is given as one version or refused") {
  put("a", "");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    std::ofstream out(root + "/a", std::ios::app);
    for (int i = 0; !stop && i < 200'000; ++i) out << "xxxxxxxxxxxxxxxx" << std::flush;
  });
  int good = 0;
  for (int i = 0; i < 200; ++i) {
    const auto content = files->read("a", 16 << 20);
    if (!content) {
      CHECK(content.error().message == "cannot read a: it keeps changing while it is read");
      continue;
    }
    ++good;
    CHECK(content->bytes.size() == static_cast<std::size_t>(content->stat.identity.size));
    CHECK(content->bytes.find_first_not_of('x') == std::string::npos);
  }
  stop = true;
  writer.join();
  CHECK(good > 0);
  CHECK(files->read("a", 16 << 20));
}

TEST_CASE_FIXTURE(Fixture, "list gives names in order with their types") {
  put("b", "");
  put(".hidden", "");
  outer.folder("root/d");
  REQUIRE(::symlink("b", (root + "/l").c_str()) == 0);
  REQUIRE(::mkfifo((root + "/f").c_str(), 0600) == 0);
  const auto entries = files->list("");
  REQUIRE(entries);
  REQUIRE(entries->size() == 5);
  CHECK((*entries)[0].name == ".hidden");
  CHECK((*entries)[1].type == FileType::regular);
  CHECK((*entries)[2].type == FileType::directory);
  CHECK((*entries)[3].type == FileType::other);
  CHECK((*entries)[4].type == FileType::symlink);
  CHECK(files->list("d")->empty());
  CHECK(code(files->list("none")) == ErrorCode::not_found);
  CHECK(code(files->list("b")) == ErrorCode::not_found);
  CHECK(code(files->list("l")) == ErrorCode::invalid);
}

TEST_CASE_FIXTURE(Fixture, "rename replaces or refuses, as asked") {
  outer.folder("root/d");
  put("a", "1");
  put("d/a", "2");
  const auto refused = files->rename("a", "d/a", Replace::no);
  CHECK(code(refused) == ErrorCode::refused);
  CHECK(message(refused) == "cannot rename a to d/a: it exists already");
  CHECK(get("a") == "1");
  CHECK(get("d/a") == "2");
  CHECK(files->rename("a", "d/a", Replace::yes));
  CHECK(get("d/a") == "1");
  CHECK(!has("a"));
  CHECK(files->rename("d/a", "b", Replace::no));
  CHECK(get("b") == "1");
  CHECK(code(files->rename("none", "c", Replace::no)) == ErrorCode::not_found);
  CHECK(code(files->rename("b", "none/c", Replace::no)) == ErrorCode::not_found);
  CHECK(code(files->rename("b", "d", Replace::yes)) == ErrorCode::refused);
  CHECK(code(files->rename("b", "d", Replace::no)) == ErrorCode::refused);
}

TEST_CASE_FIXTURE(Fixture, "a dangling symlink in the way counts as existing") {
  put("a", "1");
  REQUIRE(::symlink("nowhere", (root + "/l").c_str()) == 0);
  CHECK(code(files->rename("a", "l", Replace::no)) == ErrorCode::refused);
  CHECK(files->rename("a", "l", Replace::yes));
  CHECK(files->stat("l")->type == FileType::regular);
}

TEST_CASE_FIXTURE(Fixture, "exchange swaps two files and needs both") {
  outer.folder("root/d");
  put("a", "1");
  put("d/b", "2");
  CHECK(files->exchange("a", "d/b"));
  CHECK(get("a") == "2");
  CHECK(get("d/b") == "1");
  CHECK(code(files->exchange("a", "none")) == ErrorCode::not_found);
  CHECK(code(files->exchange("none", "a")) == ErrorCode::not_found);
  CHECK(get("a") == "2");
}

TEST_CASE_FIXTURE(Fixture, "remove takes files and symlinks, not what they point to, and no folders") {
  put("a", "1");
  outer.folder("root/d");
  REQUIRE(::symlink("a", (root + "/l").c_str()) == 0);
  CHECK(files->remove("l"));
  CHECK(has("a"));
  CHECK(files->remove("a"));
  CHECK(!has("a"));
  CHECK(files->remove("a"));
  CHECK(files->remove("none/a"));
  CHECK(code(files->remove("d")) == ErrorCode::invalid);
  CHECK(has("d"));
}

TEST_CASE_FIXTURE(Fixture, "make_folder_within makes nothing above, and nothing when that is gone") {
  CHECK(files->make_folder("m/x"));
  CHECK(files->make_folder_within("m/x", "m/x/a/b"));
  CHECK(std::filesystem::is_directory(root + "/m/x/a/b"));
  CHECK(files->make_folder_within("m/x", "m/x"));
  CHECK(code(files->make_folder_within("m/y", "m/y/a")) == ErrorCode::not_found);
  CHECK(code(files->make_folder_within("m/y", "m/y")) == ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(root + "/m/y"));
  CHECK(code(files->make_folder_within("m/x", "m/xy")) == ErrorCode::invalid);
}

TEST_CASE_FIXTURE(Fixture, "make_folder makes parents, with their mode, and is content with what is there") {
  CHECK(files->make_folder("a/b/c"));
  CHECK(mode_of(root + "/a") == 0750);
  CHECK(mode_of(root + "/a/b/c") == 0750);
  CHECK(files->make_folder("a/b/c"));
  CHECK(files->make_folder("a//d/"));
  CHECK(has("a/d"));
  CHECK(files->make_folder(""));
  put("f", "");
  CHECK(code(files->make_folder("f")) == ErrorCode::refused);
  CHECK(message(files->make_folder("f/x")) == "cannot make folder f/x: a file is in the way");
  CHECK(code(files->make_folder("a/../../x")) == ErrorCode::invalid);
  const auto shared = open_files(root, 0660, 02770).value();
  CHECK(shared->make_folder("s/t"));
  CHECK(mode_of(root + "/s/t") == 02770);
}

TEST_CASE_FIXTURE(Fixture, "symlink is made, kept, replaced; nothing else is overwritten by it") {
  CHECK(files->symlink("a", "l"));
  CHECK(std::filesystem::read_symlink(root + "/l") == "a");
  const auto before = files->stat("l")->identity;
  CHECK(files->symlink("a", "l"));
  CHECK(files->stat("l")->identity == before);
  for (const std::string target : {"ab", "b", "../x/y"}) {
    CHECK(files->symlink(target, "l"));
    CHECK(std::filesystem::read_symlink(root + "/l") == target);
  }
  CHECK(files->list("")->size() == 1);
  put("f", "x");
  CHECK(code(files->symlink("a", "f")) == ErrorCode::refused);
  CHECK(get("f") == "x");
  CHECK(code(files->symlink("/etc", "m")) == ErrorCode::invalid);
  CHECK(code(files->symlink("", "m")) == ErrorCode::invalid);
  CHECK(code(files->symlink("a", "none/m")) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "append tells where it begins, also behind what others append") {
  const auto first = files->append("feed", "one\n");
  REQUIRE(first);
  CHECK(first->offset == 0);
  CHECK(first->written == 4);
  CHECK(mode_of(root + "/feed") == 0640);
  std::ofstream(root + "/feed", std::ios::app) << "foreign\n";
  const auto second = files->append("feed", "two\n");
  CHECK(second->offset == 12);
  CHECK(second->inode == first->inode);
  CHECK(second->inode == files->stat("feed")->identity.inode);
  CHECK(get("feed") == "one\nforeign\ntwo\n");
  CHECK(files->append("feed", "")->offset == 16);
  CHECK(files->rename("feed", "feed.1", Replace::no));
  CHECK(files->append("feed", "three\n")->inode != first->inode);
  CHECK(code(files->append("none/feed", "x")) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "appends of two writers never interleave and all offsets are right") {
  const auto other = open_files(root, 0640, 0750).value();
  const auto work = [](Files& via, char mark, std::vector<std::int64_t>& offsets) {
    for (int i = 0; i < 500; ++i) offsets.push_back(via.append("feed", std::string(9, mark) + "\n").value().offset);
  };
  std::vector<std::int64_t> a;
  std::vector<std::int64_t> b;
  std::thread second([&] { work(*other, 'b', b); });
  work(*files, 'a', a);
  second.join();
  const std::string bytes = get("feed");
  REQUIRE(bytes.size() == 10'000);
  for (const std::int64_t at : a) CHECK(bytes.compare(static_cast<std::size_t>(at), 10, "aaaaaaaaa\n") == 0);
  for (const std::int64_t at : b) CHECK(bytes.compare(static_cast<std::size_t>(at), 10, "bbbbbbbbb\n") == 0);
}

TEST_CASE_FIXTURE(Fixture, "read_at gives the part asked for, fewer at the end") {
  put("a", "0123456789");
  CHECK(files->read_at("a", 2, 3).value() == "234");
  CHECK(files->read_at("a", 8, 100).value() == "89");
  CHECK(files->read_at("a", 10, 1).value().empty());
  CHECK(files->read_at("a", 11, 1).value().empty());
  CHECK(files->read_at("a", 0, std::string::npos).value().size() == 10);
  CHECK(code(files->read_at("a", -1, 1)) == ErrorCode::invalid);
  CHECK(code(files->read_at("none", 0, 1)) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "set_owner gives mode, group and owner as far as that is allowed, and no special bits") {
  put("a", "x");
  Stat like = files->stat("a").value();
  like.mode = 04664;
  CHECK(files->set_owner("a", like));
  CHECK(mode_of(root + "/a") == 0664);
  if (::getuid() == 0) {
    like.uid = like.gid = 65534;
    CHECK(files->set_owner("a", like));
    CHECK(files->stat("a")->uid == 65534);
    CHECK(files->stat("a")->gid == 65534);
  } else {
    like.uid = 0;
    CHECK(files->set_owner("a", like));
    CHECK(files->stat("a")->uid == ::getuid());
  }
  outer.folder("root/d");
  CHECK(code(files->set_owner("d", like)) == ErrorCode::invalid);
  CHECK(code(files->set_owner("none", like)) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "sync takes files and folders") {
  put("a", "x");
  CHECK(files->sync("a"));
  CHECK(files->sync(""));
  REQUIRE(::mkfifo((root + "/f").c_str(), 0600) == 0);
  CHECK(code(files->sync("f")) == ErrorCode::invalid);
  CHECK(code(files->sync("none")) == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "a replaced folder is seen at once") {
  CHECK(files->make_folder("d"));
  CHECK(files->write("d/a", "old"));
  CHECK(files->rename("d", "gone", Replace::no));
  CHECK(files->make_folder("d"));
  CHECK(files->write("d/b", "new"));
  CHECK(files->list("d")->size() == 1);
  CHECK(get("d/b") == "new");
}

TEST_CASE_FIXTURE(Fixture, "kept folders: the same answers, until they are let go or deleted") {
  namespace fs = std::filesystem;
  files->keep_folders();
  REQUIRE(files->make_folder("a/b").has_value());
  REQUIRE(files->write("a/b/one", "1").has_value());
  CHECK(files->read("a/b/one", 10)->bytes == "1");
  CHECK(files->stat("a/b/one")->identity.size == 1);
  CHECK(code(files->read("a/b/two", 10)) == ErrorCode::not_found);
  CHECK(code(files->read("a/b/../../../outside", 10)) == ErrorCode::invalid);
  CHECK(code(files->write("a/b/..", "x")) == ErrorCode::invalid);
  CHECK(code(files->stat("a/b/..")) == ErrorCode::invalid);
  CHECK(code(files->write("../x", "x")) == ErrorCode::invalid);
  fs::create_directory_symlink("/etc", root + "/a/link");
  CHECK(code(files->read("a/link/hostname", 1000)) == ErrorCode::invalid);
  SUBCASE("deleted and made anew: at once") {
    fs::remove_all(root + "/a/b");
    CHECK(code(files->write("a/b/one", "2")) == ErrorCode::not_found);
    REQUIRE(files->make_folder("a/b").has_value());
    REQUIRE(files->write("a/b/one", "2").has_value());
    CHECK(has("a/b/one"));
  }
  SUBCASE("deleted and made anew by somebody else: whatever is asked, of the new one") {
    const std::vector<std::function<bool()>> calls{
        [&] { return files->stat("a/b/x").has_value(); },
        [&] { return files->read("a/b/x", 10).has_value(); },
        [&] { return files->read_at("a/b/x", 0, 1).has_value(); },
        [&] { return files->list("a/b")->size() == 2; },
        [&] { return files->write("a/b/z", "z").has_value() && has("a/b/z"); },
        [&] { return files->append("a/b/x", "z").has_value(); },
        [&] { return files->rename("a/b/x", "a/b/z", Replace::no).has_value(); },
        [&] { return files->rename("top", "a/b/top", Replace::no).has_value() && files->rename("a/b/top", "top", Replace::no); },
        [&] { return files->exchange("a/b/x", "a/b/y").has_value(); },
        [&] { return files->remove("a/b/x").has_value() && !has("a/b/x"); },
        [&] { return files->symlink("x", "a/b/z").has_value(); },
        [&] { return files->sync("a/b/x").has_value(); }};
    REQUIRE(files->write("top", "t").has_value());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      CAPTURE(i);
      CHECK(code(files->stat("a/b/nothing")) == ErrorCode::not_found);  // kept from here on
      fs::remove_all(root + "/a/b");
      fs::create_directory(root + "/a/b");
      for (const char* name : {"x", "y"}) std::ofstream(root + "/a/b/" + name) << name;
      CHECK(calls[i]());
    }
  }
  SUBCASE("moved away and replaced: from the next let_folders_go() on") {
    fs::rename(root + "/a/b", root + "/a/old");
    fs::create_directory(root + "/a/b");
    REQUIRE(files->write("a/b/two", "2").has_value());
    CHECK(has("a/old/two"));
    files->let_folders_go();
    REQUIRE(files->write("a/b/three", "3").has_value());
    CHECK(has("a/b/three"));
  }
}
