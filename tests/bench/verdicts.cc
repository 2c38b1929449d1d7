// Workers that are slow, silent but computing, suspended, restarted, or whose numbers are given again, on a machine that sleeps
// and whose clock is set back: nobody is condemned by mistake, everybody who should be found is. The floor is the truth, which
// only the simulated world knows.
#include <cstdio>

#include "bench/figure.h"
#include "simulation/simulation.h"

namespace baton::bench {

Rows false_verdicts(const Scale& scale) {
  constexpr std::uint64_t seed = 5'003;
  const int workers = scale.times(10'000, 2'000);
  constexpr int workers_per_task = 5, tasks_of_these = 4;  // a fifth of the workers leave their task to another
  simulation::Tally tally;
  int wrong = 0;
  try {
    tally = simulation::Simulation(seed, workers * tasks_of_these / workers_per_task, simulation::Flaw::none).run();
  } catch (const simulation::Wrong& found) {
    std::fprintf(stderr, "world %llu: %s\nreplay: simulation_test --seed %llu --workers %d\n",
                 static_cast<unsigned long long>(seed), found.what(), static_cast<unsigned long long>(seed), workers);
    wrong = 1;
  }
  const std::string world = std::to_string(tally.workers) + " simulated workers: ";
  return {{world + "false verdicts", static_cast<double>(wrong), "", {}, "0", wrong == 0},
          {world + "zombies found", static_cast<double>(tally.zombies), "", {}, "all", wrong == 0}};
}

}  // namespace baton::bench
