// One simulated worker: what it really is and does. The daemon under test sees of it only what its files and its process show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/random.h"

namespace baton::simulation {

enum class Trace {
  named,    // its spec names its process
  unnamed,  // it is here, and names none
  remote,   // on another host
  unseen,   // it claims, and writes no spec
};
enum class Sign { heartbeat, report, cpu, files };
enum class End {
  answers,        // and exits a little later
  answers_after,  // its process has exited, within exit_grace
  reports_failure,
  dies,   // without a word
  hangs,  // and shows nothing any more
};

/// Times are those of World::awake_ms.
struct Life {
  std::string worker_id;
  std::string subtask_id;
  int epoch = 0;
  Trace trace = Trace::named;
  std::vector<Sign> shows;  // the kinds of signs that it gives; empty: none at all
  int signs_left = 0;       // after which comes its end
  End end = End::answers;
  bool ignores_term = false;
  bool renews = false;  // it goes on in another process now and then

  bool alive = true;
  std::int64_t pid = 0;
  std::int64_t started_at = 0;
  std::int64_t ended_at = 0;  // alive: 0
  std::int64_t last_sign_at = 0;
  std::int64_t last_heard_at = 0;
  bool hangs = false;
  std::int64_t hung_meanwhile_ms = 0;  // remote: while this machine slept
  bool answered = false;
  bool found = false;  // the verdict that it deserves has fallen

  bool spec_lies = false;  // in active/
  std::int64_t spec_wall_ms = 0;
  int percent = 0;
  std::int64_t cpu_ms = 0;
};

/// How long it may show nothing and still be no zombie, and what there is to see: `has_files`: its subtask names some.
struct LifeTerms {
  std::int64_t zombie_after_ms = 0;
  bool has_files = false;
};
/// A life from its claim on. Most end well; a fifth does not.
Life random_life(const LifeTerms& terms, Random& random);
/// Until its next sign: less than zombie_after, often only just.
std::int64_t next_gap(const LifeTerms& terms, Random& random);

}  // namespace baton::simulation
