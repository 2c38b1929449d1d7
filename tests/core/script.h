// A small language to drive the core by hand: one command per paragraph, answered by everything the core did. Used by the
// transcripts, and by tests that compare two runs word for word.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/orchestrator.h"

namespace baton::core {

std::string describe(const Changes& changes);
/// Everything that can be asked of the core, as text.
std::string describe(const Orchestrator& core);

/// The words of one line: positional ones, then key=value (a value may stand in double quotes).
struct Line {
  std::vector<std::string> words;
  std::multimap<std::string, std::string> values;
  static Line parse(const std::string& text);
  std::string get(const std::string& key, const std::string& otherwise = "") const;
  int number(const std::string& key, int otherwise) const;
  std::vector<std::string> all(const std::string& key) const;  // of every key=a,b
};

class Script {
 public:
  /// One command with the lines under it; the answer as text. An unknown command is answered as such.
  std::string run(const std::vector<std::string>& lines);
  Orchestrator& core() { return core_; }

 private:
  std::string step(decltype(Event::what) what);
  CatalogueChanged catalogue(const Line& line);
  TasksArrived arrive(const Line& head, const std::vector<std::string>& lines);
  PlannerAnswered planned(const Line& head, const std::vector<std::string>& lines);
  WorkerSeen worker(const Line& line);
  WorkerLooked looked(const Line& line);
  ResultArrived result(const Line& line);
  CheckFinished check(const Line& line);
  CommandArrived command(const Line& line);
  ChildProposed child(const Line& head, const std::vector<std::string>& lines);
  SplitProposed parts(const Line& head, const std::vector<std::string>& lines);
  std::string restore(const Line& line);

  Orchestrator core_;
  Catalogue catalogue_;
  std::map<std::string, WorkerRecord> workers_;  // as the journal knows them
  std::vector<Attention> attention_;             // as the journal keeps it
  Moment now_{1'700'000'000'000, 1'000'000, 2'000'000};
  std::uint32_t random_ = 0;
  std::int64_t input_ = 0;
};

}  // namespace baton::core
