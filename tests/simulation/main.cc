// Random worlds of simulated workers against the real core. A world that finds something wrong is named by its seed, which
// replays it:
//   simulation_test [--seed N] [--worlds N] [--workers N] [--flaw cpu|sleep|exits|pids|renewals]
// --workers: about so many in each world. --flaw: keeps that from the core, so that something has to be found.
// Exit: 0 all worlds hold, 1 something is wrong.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "simulation/simulation.h"

namespace {

using namespace baton::simulation;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t worlds = 1;
  std::int64_t workers = 1'000;
  const char* flaw = nullptr;
};

Flaw flaw_of(std::string_view name) {
  if (name == "cpu") return Flaw::cpu;
  if (name == "sleep") return Flaw::sleep;
  if (name == "exits") return Flaw::exits;
  if (name == "pids") return Flaw::pids;
  return name == "renewals" ? Flaw::renewals : Flaw::none;
}

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) return false;
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--seed")
      options.seed = value;
    else if (option == "--worlds")
      options.worlds = value;
    else if (option == "--workers")
      options.workers = static_cast<std::int64_t>(value);
    else if (option == "--flaw" && flaw_of(argv[i + 1]) != Flaw::none)
      options.flaw = argv[i + 1];
    else
      return false;
  }
  return options.workers > 0;
}

long long as_printed(std::int64_t number) { return static_cast<long long>(number); }

void print(const Tally& tally) {
  std::printf(
      "%lld tasks, %lld workers, %lld turns | %lld processes renewed, %lld zombies, %lld ended, %lld gone, %lld rebooted, "
      "%lld silent | %lld starts, %lld kills, %lld suspends, %lld clocks set back, %lld stand-stills, %lld reboots\n",
      as_printed(tally.tasks), as_printed(tally.workers), as_printed(tally.turns), as_printed(tally.renewals),
      as_printed(tally.zombies), as_printed(tally.ended), as_printed(tally.gone), as_printed(tally.rebooted),
      as_printed(tally.missed_heartbeats), as_printed(tally.restarts), as_printed(tally.kills), as_printed(tally.suspends),
      as_printed(tally.set_back), as_printed(tally.away), as_printed(tally.reboots));
}

bool holds(std::uint64_t seed, const Options& options) {
  constexpr std::int64_t k_workers_per_task = 5, k_tasks_of_these = 4;  // a fifth of the workers leave their task to another
  const auto number = static_cast<unsigned long long>(seed);
  try {
    Simulation simulation(seed, (options.workers * k_tasks_of_these + k_workers_per_task - 1) / k_workers_per_task,
                          options.flaw == nullptr ? Flaw::none : flaw_of(options.flaw));
    const Tally tally = simulation.run();
    std::printf("world %llu: ", number);
    print(tally);
  } catch (const Wrong& wrong) {
    std::printf("world %llu is wrong: %s\nreplay: simulation_test --seed %llu --workers %lld%s%s\n", number, wrong.what(), number,
                as_printed(options.workers), options.flaw == nullptr ? "" : " --flaw ",
                options.flaw == nullptr ? "" : options.flaw);
    std::fflush(stdout);
    return false;
  }
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read(argc, argv, options)) {
    std::fprintf(stderr, "usage: simulation_test [--seed N] [--worlds N] [--workers N] [--flaw cpu|sleep|exits|pids|renewals]\n");
    return 2;
  }
  bool all = true;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.worlds; ++seed) all = holds(seed, options) && all;
  return all ? 0 : 1;
}
