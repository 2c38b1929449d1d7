// A run whose jobs are pumped until something holds.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "service/workshop.h"

namespace baton::test {

struct JobSite {
  JobSite() { run.emplace(workshop); }
  explicit JobSite(protocol::Config config) {
    workshop.config = std::move(config);
    run.emplace(workshop);
  }

  /// One turn with what is ready; waits up to 100 ms for something to be.
  void turn() {
    std::vector<struct ::pollfd> fds;
    for (const int fd : run->jobs.fds()) fds.push_back({fd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), 100);
    take();
  }
  void take() {
    static_cast<void>(run->turn([&](service::Turn& turn) { run->jobs.take(turn); }));
    run->jobs.release_ended();
  }
  bool eventually(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < give_up) turn();
    return condition();
  }
  /// Until this file of the workshop holds a line.
  bool written(const std::string& name) {
    return eventually([&] { return workshop.get(name).ends_with('\n'); });
  }
  std::size_t rows() { return run->store.load()->jobs.size(); }

  Workshop workshop;
  std::optional<Run> run;
};

/// Whether the process whose id stands in this file of the workshop still runs.
inline bool lives(const Workshop& workshop, const std::string& name) {
  std::ifstream environment("/proc/" + std::to_string(std::atoi(workshop.get(name).c_str())) + "/environ");
  return environment.get() != EOF;
}

inline bool ends(const Workshop& workshop, const std::string& name) {
  for (int n = 0; n < 3'000 && lives(workshop, name); ++n) ::poll(nullptr, 0, 10);
  return !lives(workshop, name);
}

}  // namespace baton::test
