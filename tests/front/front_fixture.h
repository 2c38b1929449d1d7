// A coordination folder of its own for one test, and the command line run on it inside this process.
#pragma once

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "front/await.h"
#include "front/folder.h"
#include "front/front.h"
#include "front/memory_stream.h"
#include "platform/lock.h"

namespace baton::front {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

inline Ran run_words(const std::vector<std::string>& words) {
  const MemoryStream out;
  const MemoryStream err;
  const int code = run(words, Streams{.out = out.file(), .err = err.file()});
  return {code, out.text(), err.text()};
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class TemporaryFolder {
 public:
  TemporaryFolder() {
    char pattern[] = "/tmp/baton-front-XXXXXX";
    BATON_ASSERT(mkdtemp(pattern) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What `baton init` makes, in a temporary place.
class Coordination {
 public:
  Coordination() { BATON_ASSERT(run_words({"init", place_.path()}).code == 0); }

  std::string root() const { return place_.path() + "/coordination"; }
  std::string at(const std::string& path) const { return root() + "/" + path; }

  Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--coordination", root()});
    return run_words(words);
  }
  void write(const std::string& path, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << bytes;
  }
  std::string read(const std::string& path) const {
    std::ifstream in(at(path), std::ios::binary);
    return (std::ostringstream() << in.rdbuf()).str();
  }
  bool exists(const std::string& path) const { return std::filesystem::exists(at(path)); }
  std::vector<std::string> names(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(at(path))) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(at(path)); }

 private:
  TemporaryFolder place_;
};

/// Holds the folder's lock like a daemon, and lets `act` play its part in a thread: it is called again and again until it says
/// true.
class PlayedDaemon {
 public:
  PlayedDaemon(const Coordination& coordination, std::function<bool()> act)
      : lock_(*platform::Lock::take(coordination.at("orchestrator/state/daemon.lock"), 0600)) {
    if (act)
      thread_ = std::jthread([act = std::move(act)](const std::stop_token& stop) {
        while (!stop.stop_requested() && !act()) std::this_thread::yield();
      });
  }

 private:
  platform::Lock lock_;
  std::jthread thread_;
};

/// A handoff as the daemon writes it, as far as the worker verbs read it.
inline void write_handoff(const Coordination& coordination, const std::string& master, const std::string& subtask,
                          const std::string& priority, const std::string& created_at, int epoch = 1) {
  coordination.write("masters/" + master + "/handoffs/to-" + master + "-subtask-" + subtask + ".json",
                     R"({"handoff_id":"to-)" + master + "-subtask-" + subtask + R"(","from":"orchestrator","to":")" + master +
                         R"(","subtask_id":")" + subtask + R"(","parent_orchestration":"orch-auth","priority":")" + priority +
                         R"(","created_at":")" + created_at + R"(","status":"pending","attempt":1,"epoch":)" +
                         std::to_string(epoch) + "}\n");
}

}  // namespace baton::front
