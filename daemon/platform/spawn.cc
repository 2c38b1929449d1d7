#include "platform/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "base/text.h"
#include "platform/exec_job.h"
#include "platform/resources.h"

extern char** environ;

namespace baton::platform {

// What is short now may be there later: whoever asked can tell that from what will never go.
tl::unexpected<Error> fail_start(std::string_view what, int error_number) {
  auto failed = fail_errno(what, error_number);
  if (error_number == EMFILE || error_number == ENFILE || error_number == EAGAIN || error_number == ENOMEM)
    failed.value().code = ErrorCode::no_space;
  return failed;
}

namespace {

struct Pipe {
  Fd ours, theirs;
};

// `our_end`: 0 = we read, 1 = we write.
Result<Pipe> open_pipe(int our_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_start("cannot make a pipe", errno);
  Pipe pipe{Fd(ends[our_end]), Fd(ends[1 - our_end])};
  if (::fcntl(pipe.ours.get(), F_SETFL, O_NONBLOCK) != 0) return fail_start("cannot make a pipe", errno);
  return pipe;
}

struct Actions {
  Actions() { posix_spawn_file_actions_init(&raw); }
  ~Actions() { posix_spawn_file_actions_destroy(&raw); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t raw;
};

struct Attributes {
  Attributes() { posix_spawnattr_init(&raw); }
  ~Attributes() { posix_spawnattr_destroy(&raw); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t raw;
};

void set_attributes(posix_spawnattr_t& raw) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  posix_spawnattr_setflags(&raw, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&raw, 0);
  posix_spawnattr_setsigmask(&raw, &none);
  posix_spawnattr_setsigdefault(&raw, &all);
}

bool is_unset(std::string_view variable, const std::vector<std::string>& patterns) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::ranges::any_of(patterns, [name](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
  });
}

std::string name_of(std::string_view variable) { return std::string(variable.substr(0, variable.find('='))); }

/// What is inherited, but for what is to go or comes with another value, and then `own`.
std::vector<char*> environment_with(std::vector<std::string>& own, std::vector<std::string> unset) {
  unset.emplace_back(k_job_mark);
  for (const std::string& variable : own) unset.push_back(name_of(variable));
  std::vector<char*> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    if (!is_unset(*variable, unset)) all.push_back(*variable);
  std::ranges::transform(own, std::back_inserter(all), [](std::string& variable) { return variable.data(); });
  all.push_back(nullptr);
  return all;
}

// posix_spawn takes char* for reasons of age; it changes nothing.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

bool is_program(const std::string& path) {
  struct ::stat raw {};
  return ::stat(path.c_str(), &raw) == 0 && S_ISREG(raw.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

// Where the child would look, so that a missing program is told before anything runs.
bool is_startable(const std::string& name, const std::string& cwd) {
  const auto in_cwd = [&cwd](const std::string& path) { return path.starts_with('/') ? path : cwd + "/" + path; };
  if (name.find('/') != std::string::npos) return is_program(in_cwd(name));
  const char* path = std::getenv("PATH");
  const std::vector<std::string> folders = text::split(path != nullptr ? path : "/bin:/usr/bin", ':');
  return !name.empty() && std::ranges::any_of(folders, [&](const std::string& f) { return is_program(in_cwd(f + "/" + name)); });
}

namespace {

Result<> check(const SpawnRequest& request) {
  BATON_ASSERT(!request.argv.empty());
  struct ::stat raw {};
  if (::stat(request.cwd.c_str(), &raw) != 0) return fail_errno("cannot start a program in " + request.cwd, errno);
  if (!S_ISDIR(raw.st_mode)) return fail_errno("cannot start a program in " + request.cwd, ENOTDIR);
  if (!is_startable(request.argv.front(), request.cwd))
    return fail(ErrorCode::not_found,
                "cannot start " + text::printable(request.argv.front()) + ": there is no such program that may be run here",
                "a sandbox may forbid it: `baton doctor` tells");
  return {};
}

}  // namespace

Result<Spawned> spawn_with_pipes(const SpawnRequest& request) {
  TRY(check(request));
  TRY_VALUE(Pipe input, open_pipe(1));
  TRY_VALUE(Pipe output, open_pipe(0));
  Pipe error_output;
  if (!request.joined) {
    TRY_VALUE(error_output, open_pipe(0));
  }

  Actions actions;
  int error = posix_spawn_file_actions_adddup2(&actions.raw, input.theirs.get(), STDIN_FILENO);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions.raw, output.theirs.get(), STDOUT_FILENO);
  const int errors = request.joined ? STDOUT_FILENO : error_output.theirs.get();
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions.raw, errors, STDERR_FILENO);
  if (error == 0) error = posix_spawn_file_actions_addchdir_np(&actions.raw, request.cwd.c_str());
  // What this process itself inherited is not the job's business either.
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions.raw, STDERR_FILENO + 1);
  Attributes attributes;
  set_attributes(attributes.raw);

  std::vector<std::string> words = request.exec_job_program.empty()
                                       ? request.argv
                                       : exec_job_words(request.exec_job_program,
                                                        !request.guarded          ? k_exec_job_verb
                                                        : request.starts_services ? k_guard_setup_verb
                                                                                  : k_guard_job_verb,
                                                        ::getpid(), request.argv);
  std::vector<std::string> own = request.environment;  // the mark comes first: of two values the first one counts
  if (!request.mark.empty()) own.insert(own.begin(), std::string(k_job_mark) + "=" + request.mark);
  Spawned spawned{0, std::move(input.ours), std::move(output.ours), std::move(error_output.ours)};
  const InheritedDescriptorLimit limit;
  if (error == 0)
    error = posix_spawnp(&spawned.pid, words.front().c_str(), &actions.raw, &attributes.raw, pointers(words).data(),
                         environment_with(own, request.unset_environment).data());
  if (error != 0) return fail_start("cannot start " + text::printable(words.front()), error);
  return spawned;
}

}  // namespace baton::platform
