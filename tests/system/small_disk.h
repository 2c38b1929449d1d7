// A filesystem that a test can fill.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

namespace baton::test {

/// A filesystem of its own, small enough to be filled; empty path when it may not be mounted here.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options, const std::string& at = {}) : path_(at) {
    if (at.empty()) {
      std::string pattern = (std::filesystem::temp_directory_path() / "baton-disk-XXXXXX").string();
      REQUIRE(::mkdtemp(pattern.data()) != nullptr);
      path_ = pattern;
    } else {
      std::filesystem::create_directories(at);
    }
    mounted_ = ::mount("baton-test", path_.c_str(), "tmpfs", 0, options) == 0;
    if (!mounted_) MESSAGE("skipped: no filesystem may be mounted here");
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }

  /// With so many bytes, or until no more goes in.
  void fill(std::int64_t bytes = std::numeric_limits<std::int64_t>::max()) {
    const int fd = ::open((path_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    const std::string block(4096, 'x');
    while (bytes > 0 && ::write(fd, block.data(), block.size()) > 0) bytes -= static_cast<std::int64_t>(block.size());
    ::close(fd);
  }
  void empty() { std::filesystem::remove(path_ + "/filler"); }
  bool remount(bool read_only) {
    return ::mount("baton-test", path_.c_str(), nullptr, MS_REMOUNT | (read_only ? static_cast<unsigned long>(MS_RDONLY) : 0UL),
                   nullptr) == 0;
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace baton::test
