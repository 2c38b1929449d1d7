// Runs the figures of docs/performance.md and prints one table.
//   baton_bench [--short] [--no-verdict] [figure...]
// Exit: 0 all aims met (or --no-verdict), 1 one is missed, 2 it could not be measured.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/site.h"
#include "bench/workers.h"

namespace {

using namespace baton::bench;

struct Figure {
  const char* name;
  Rows (*run)(const Scale&);
};
constexpr Figure k_figures[] = {{"drop", drop_to_handoff},
                                {"throughput", throughput},
                                {"queue", queue_file},
                                {"idle", idle},
                                {"command_line", command_line},
                                {"restart", restart},
                                {"exit", exit_to_feed},
                                {"mass_exit", mass_exit},
                                {"heartbeats", heartbeats},
                                {"verdicts", false_verdicts},
                                {"agents", agents},
                                {"worktrees", worktrees},
                                {"no_op", no_op},
                                {"chaos", chaos},
                                {"memory", memory}};  // last: what it deletes makes the making of files slow for a while

/// What this program is when it was started by itself.
struct Helper {
  const char* option;
  void (*run)(const char* argument);  // never returns
};
constexpr Helper k_helpers[] = {{"--floor-loop", [](const char* folder) { floor_loop(folder); }},
                                {"--floor-exits", [](const char* folder) { floor_of_exits(folder); }},
                                {"--floor-signs", [](const char* folder) { floor_of_signs(folder); }},
                                {"--worker", [](const char* parent) { play_worker(std::atoi(parent)); }}};

std::string number(double value, const std::string& unit) {
  char text[64];
  const int digits = value < 10 && !unit.empty() ? 2 : value < 100 && !unit.empty() ? 1 : 0;
  std::snprintf(text, sizeof text, "%.*f %s", digits, value, unit.c_str());
  return text;
}

void print(const char* name, const char* measured, const char* floor, const char* ratio, const char* aim, const char* verdict) {
  std::printf("%-44s %14s %14s %7s   %-20s %s\n", name, measured, floor, ratio, aim, verdict);
  std::fflush(stdout);
}

void print(const Row& row) {
  char ratio[32] = "";
  if (row.floor) std::snprintf(ratio, sizeof ratio, "%.2f", row.measured / *row.floor);
  print(row.name.c_str(), number(row.measured, row.unit).c_str(), row.floor ? number(*row.floor, row.unit).c_str() : "", ratio,
        row.aim.c_str(),
        !row.met   ? ""
        : *row.met ? "ok"
                   : "MISSED");
}

}  // namespace

int main(int argc, char** argv) {
  Scale scale;
  bool verdict = true;
  std::vector<std::string> wanted;
  for (int i = 1; i < argc; ++i) {
    for (const Helper& helper : k_helpers)
      if (std::strcmp(argv[i], helper.option) == 0 && i + 1 < argc) helper.run(argv[i + 1]);
    if (std::strcmp(argv[i], "--short") == 0)
      scale.short_run = true;
    else if (std::strcmp(argv[i], "--no-verdict") == 0)
      verdict = false;
    else
      wanted.emplace_back(argv[i]);
  }
  bool met = true;
  print("figure", "measured", "floor", "ratio", "aim", "");
  for (const Figure& figure : k_figures) {
    bool run = wanted.empty();
    for (const std::string& name : wanted) run = run || name == figure.name;
    if (!run) continue;
    try {
      for (const Row& row : figure.run(scale)) {
        print(row);
        met = met && row.met.value_or(true);
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", figure.name, error.what());
      remove_sites();
      return 2;
    }
  }
  remove_sites();
  return met || !verdict ? 0 : 1;
}
