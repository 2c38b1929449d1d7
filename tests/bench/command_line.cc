// The command line: whole processes, from posix_spawn to the end. The floor is `true`, started the same way.
#include "bench/figure.h"
#include "bench/site.h"

namespace baton::bench {

namespace {

double median_of(const std::vector<std::string>& argv, int times) {
  std::vector<double> took;
  for (int n = 0; n < times; ++n) {
    const double begin = now_ms();
    const int code = wait_for(spawn(argv));
    took.push_back(now_ms() - begin);
    if (code != 0) throw Failure(argv.back() + " ended with " + std::to_string(code));
  }
  return percentile(took, 50);
}

}  // namespace

Rows command_line(const Scale& scale) {
  const int tasks = scale.times(1'000, 100), times = scale.times(50, 5);
  Site site;
  site.start();
  site.fill(tasks, "live");
  site.await_live(tasks);
  site.await_quiet();
  const double floor = median_of({"true"}, times);
  Rows rows;
  const std::vector<std::vector<std::string>> verbs{
      {"status"}, {"list"}, {"submit", "Answer one more question", "--to", "development"}};
  for (const std::vector<std::string>& verb : verbs) {
    const double took = median_of(site.command(verb), times);
    rows.push_back({"baton " + verb.front(), took, "ms", floor, "<= 15 ms", took <= 15});
  }
  return rows;
}

}  // namespace baton::bench
