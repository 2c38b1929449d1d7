#include "simulation/life.h"

namespace baton::simulation {

namespace {

/// What a daemon on this host could see of it.
std::vector<Sign> visible(Trace trace, bool has_files) {
  std::vector<Sign> signs;
  if (trace != Trace::unseen) signs = {Sign::heartbeat, Sign::report};
  if (trace == Trace::named) signs.push_back(Sign::cpu);
  if (trace != Trace::remote && has_files) signs.push_back(Sign::files);
  return signs;
}

}  // namespace

Life random_life(const LifeTerms& terms, Random& random) {
  Life life;
  life.trace = random.one_of(
      {Trace::named, Trace::named, Trace::named, Trace::named, Trace::unnamed, Trace::remote, Trace::remote, Trace::unseen});
  life.shows = visible(life.trace, terms.has_files);
  // Half of them know one way only: slow ones that just report, silent ones that compute, and so on.
  if (!life.shows.empty() && random.one_in(2))
    life.shows = {life.shows[static_cast<std::size_t>(random.from_to(0, static_cast<std::int64_t>(life.shows.size()) - 1))]};
  life.signs_left = life.shows.empty() ? 0 : static_cast<int>(random.from_to(0, 12));
  life.ignores_term = random.one_in(4);
  life.renews = life.trace == Trace::named && random.one_in(4);
  life.end = !random.one_in(5) ? random.one_of({End::answers, End::answers, End::answers, End::answers_after})
                               : random.one_of({End::reports_failure, End::dies, End::hangs, End::hangs});
  // Nobody would see the exit of a process that nobody named: to the world it hangs.
  const bool exit_is_seen = life.trace == Trace::named;
  if (life.end == End::dies && !exit_is_seen) life.end = End::hangs;
  if (life.end == End::answers_after && !exit_is_seen) life.end = End::answers;
  return life;
}

std::int64_t next_gap(const LifeTerms& terms, Random& random) {
  const std::int64_t longest = terms.zombie_after_ms - 1;
  return random.one_in(4) ? longest : random.from_to(1, longest);
}

}  // namespace baton::simulation
