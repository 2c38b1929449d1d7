#include "bench/project.h"

#include <cstdio>
#include <filesystem>

#include "bench/measure.h"

namespace baton::bench {
namespace {

namespace fs = std::filesystem;

constexpr int k_files_per_folder = 100;

}  // namespace

Project::Project(int files) {
  git({"init", "--quiet", "--initial-branch=main"});
  git({"config", "user.name", "bench"});
  git({"config", "user.email", "bench@example.org"});
  for (int n = 0; n < files; ++n) {
    const std::string folder = site_.folder() + "/src/" + std::to_string(n / k_files_per_folder);
    fs::create_directories(folder);
    write_file(folder + "/" + std::to_string(n) + ".txt", "line " + std::to_string(n) + "\n");
  }
  git({"add", "--all", "."});
  git({"commit", "--quiet", "--message", "First"});
}

void Project::git(std::vector<std::string> words) const {
  words.insert(words.begin(), {"git", "-C", site_.folder()});
  if (wait_for(spawn(words)) != 0) throw Failure("git " + words[3]);
}

std::string Project::ask_git(const std::string& words) const {
  const std::string answer = site_.folder() + "/answer";
  const std::string line = "git -C " + site_.folder() + " " + words + " > " + answer;
  if (wait_for(spawn({"/bin/sh", "-c", line})) != 0) throw Failure("git " + words);
  return read_file(answer);
}

std::vector<std::string> Project::prompts(int count) const {
  std::vector<std::string> names;
  for (int n = 0; n < count; ++n) {
    names.push_back(site_.folder() + "/prompt-" + std::to_string(n) + ".md");
    write_file(names.back(), "# Answer question " + std::to_string(n) + "\n\nWrite the answer down.\n");
  }
  return names;
}

}  // namespace baton::bench
