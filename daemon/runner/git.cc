#include "runner/git.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "platform/run.h"

namespace baton::runner {

const std::vector<std::string> k_kept_back = {"GIT_*", "BATON_*", "NOTIFY_SOCKET", "WATCHDOG_*"};

namespace {

constexpr std::int64_t k_limit_ms = 10 * 60'000;      // a checkout of a large repository on a slow disk
constexpr std::size_t k_output_limit = 256UL << 20U;  // the names of all files of a very large repository

// Hooks and signatures want a person or run anything; clean-up by git itself would hold the metadata for minutes.
const std::vector<std::string> k_settings = {
    "-c", "core.hooksPath=/dev/null",       "-c", "commit.gpgSign=false", "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",         "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "worktree.useRelativePaths=false"};

Result<GitOutput> run_git(std::vector<std::string> words, const std::string& cwd, std::string input) {
  platform::SpawnRequest request;
  request.argv = std::move(words);
  request.cwd = cwd;
  request.input = std::move(input);
  request.output_limit = k_output_limit;
  request.environment = {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0"};  // what it says is read; nobody would answer
  request.unset_environment = k_kept_back;
  TRY_VALUE(platform::Exit exit, platform::run_to_end(request, k_limit_ms));
  if (exit.left_out > 0) return fail(ErrorCode::refused, "git printed more than 256 MiB");
  return GitOutput{exit.code, std::move(exit.output), std::move(exit.error_output)};
}

std::string without_line_break(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// git's own last words: what comes before them is advice.
std::string complaint(const GitOutput& output) {
  std::string said;
  for (const std::string& line : text::split(output.errors, '\n'))
    if (line.starts_with("fatal: ") || line.starts_with("error: ")) said = line.substr(line.find(' ') + 1);
  if (said.empty()) said = text::trim(output.errors);
  return said.empty() ? "it ended with exit code " + std::to_string(output.code) : text::printable(said);
}

/// The first word that is no option: "-c" has a value.
std::string command_of(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) return words[i];
    if (words[i] == "-c") ++i;
  }
  return "";
}

/// Of a file that it checks out git says only that it cannot be written.
bool is_for_space(const GitOutput& output, const std::string& folder) {
  constexpr std::uintmax_t k_full = 64 << 10;  // bytes
  const auto says = [&output](std::string_view words) { return output.errors.find(words) != std::string::npos; };
  if (says("No space left on device") || says("Disk quota exceeded")) return true;
  std::error_code error;
  return says("unable to write") && std::filesystem::space(folder, error).available < k_full && !error;
}

tl::unexpected<Error> refusal(const std::vector<std::string>& words, const GitOutput& output, const std::string& folder) {
  const std::string said = "git " + command_of(words) + ": " + complaint(output);
  if (!is_for_space(output, folder)) return fail(ErrorCode::io, said);
  return fail(ErrorCode::no_space, "no space in " + folder + " (" + said + ")", "make room; it is tried again by itself");
}

}  // namespace

Git::Git(std::string git_dir, std::string work_tree) : git_dir_(std::move(git_dir)), work_tree_(std::move(work_tree)) {}

Result<Git> Git::find(const std::string& folder) {
  TRY_VALUE(const GitOutput output,
            run_git({"git", "rev-parse", "--path-format=absolute", "--absolute-git-dir", "--show-toplevel"}, folder, ""));
  const std::vector<std::string> lines = text::split(without_line_break(output.text), '\n');
  if (output.code == 0 && lines.size() == 2) return Git(lines[0], lines[1]);
  if (output.errors.find("not a git repository") != std::string::npos)
    return fail(ErrorCode::not_found, folder + " is not in a git repository",
                "make one (git init, and a first commit), or set \"worktree\": false in master.json");
  return fail(ErrorCode::refused, "git cannot work in " + folder + ": " + complaint(output));
}

Result<Git> Git::shared() const {
  TRY_VALUE(std::string folder, ask({"rev-parse", "--path-format=absolute", "--git-common-dir"}));
  return Git(std::move(folder), "");
}

Result<GitOutput> Git::run(const std::vector<std::string>& words, std::string input) const {
  std::vector<std::string> all = {"git", "--git-dir=" + git_dir_};
  if (!work_tree_.empty()) all.push_back("--work-tree=" + work_tree_);
  all.insert(all.end(), k_settings.begin(), k_settings.end());
  all.insert(all.end(), words.begin(), words.end());
  return run_git(std::move(all), folder(), std::move(input));
}

Result<std::string> Git::ask(const std::vector<std::string>& words, std::string input) const {
  TRY_VALUE(GitOutput output, run(words, std::move(input)));
  if (output.code != 0) return refusal(words, output, folder());
  return without_line_break(std::move(output.text));
}

Result<bool> Git::test(const std::vector<std::string>& words) const {
  TRY_VALUE(const GitOutput output, run(words));
  if (output.code > 1) return refusal(words, output, folder());
  return output.code == 0;
}

constexpr std::string_view k_escaped_dot = "%2e";  // no id has a percent sign

std::string id_of_branch_word(std::string_view word) {
  std::string id(word);
  for (std::size_t at = id.find(k_escaped_dot); at != std::string::npos; at = id.find(k_escaped_dot, at))
    id.replace(at, k_escaped_dot.size(), ".");
  return id;
}

std::string branch_word(std::string_view id) {
  std::string word(id);
  for (const std::string_view ending : {".lock", "."})
    if (word.ends_with(ending)) word.replace(word.size() - ending.size(), 1, k_escaped_dot);
  return word;
}

}  // namespace baton::runner
