// Runs tests/transcripts/*.txt: paragraphs of a command, a line "----", and the full answer. BATON_REWRITE=1 writes what the core
// answers now; review that diff like code.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/script.h"

namespace baton::core {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> transcripts() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(BATON_SOURCE_DIR) / "tests/transcripts"))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

/// Commands are run, answers replaced by what was answered, comments and blank lines kept.
std::string replay(const std::string& transcript) {
  Script script;
  std::istringstream in(transcript);
  std::ostringstream out;
  std::vector<std::string> command;
  bool answer = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') {
      answer = false;
      command.clear();
      out << line << "\n";
    } else if (line == "----") {
      answer = true;
      out << line << "\n" << script.run(command);
    } else if (!answer) {
      command.push_back(line);
      out << line << "\n";
    }
  }
  return out.str();
}

}  // namespace

TEST_CASE("transcripts") {
  const bool rewrite = std::getenv("BATON_REWRITE") != nullptr;
  const std::vector<fs::path> files = transcripts();
  REQUIRE(files.size() >= 10);
  for (const fs::path& file : files) {
    CAPTURE(file.filename().string());
    const std::string expected = read(file);
    const std::string actual = replay(expected);
    if (rewrite)
      std::ofstream(file) << actual;
    else
      CHECK(actual == expected);
    CHECK(replay(actual) == actual);
  }
}

}  // namespace baton::core
