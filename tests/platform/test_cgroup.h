// A cgroup for the processes of one test.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "platform/cgroup.h"
#include "platform/child.h"

namespace baton::test {

/// A new cgroup of its own; empty where this user may not make one.
class TestCgroup {
 public:
  explicit TestCgroup(const std::string& name) {
    const std::string mount = platform::cgroup_mount(text_of("/proc/self/mountinfo"));
    const std::string folder = mount + "/baton-test-" + std::to_string(::getpid()) + "-" + name;
    std::error_code error;
    if (!mount.empty() && std::filesystem::create_directory(folder, error)) folder_ = folder;
  }
  ~TestCgroup() {
    if (folder_.empty()) return;
    std::ofstream(folder_ + "/cgroup.kill") << "1";
    becomes_true([this] { return ::rmdir(folder_.c_str()) == 0; });
  }
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;

  /// Says so where it is not.
  bool usable() const {
    if (folder_.empty()) MESSAGE("skipped: no cgroup2 that this user may write to");
    return !folder_.empty();
  }
  const std::string& folder() const { return folder_; }
  std::string enter() const { return "echo 0 > " + folder_ + "/cgroup.procs; "; }
  bool is_empty() const { return text_of(folder_ + "/cgroup.procs").empty(); }

 private:
  static std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_;
};

}  // namespace baton::test
