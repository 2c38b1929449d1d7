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

// A write to a child that reads no more is an error, not our end; and the kernel must not reap children for us, as it does where
// "ignore SIGCHLD" was inherited.
void arrange_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
}

std::string name_of(std::string_view variable) { return std::string(variable.substr(0, variable.find('='))); }

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

Result<> check_startable(const SpawnRequest& request) {
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

Result<StreamPairs> open_streams(bool joined) {
  StreamPairs streams;
  const auto take = [](Pipe pipe, Fd& ours, Fd& theirs) {
    ours = std::move(pipe.ours);
    theirs = std::move(pipe.theirs);
  };
  TRY_VALUE(Pipe input, open_pipe(1));
  take(std::move(input), streams.ours.input, streams.theirs.input);
  TRY_VALUE(Pipe output, open_pipe(0));
  take(std::move(output), streams.ours.output, streams.theirs.output);
  if (joined) return streams;
  TRY_VALUE(Pipe error_output, open_pipe(0));
  take(std::move(error_output), streams.ours.error_output, streams.theirs.error_output);
  return streams;
}

// Of two values of one name the first one counts, so the mark comes before all others.
std::vector<std::string> environment_of(const SpawnRequest& request) {
  std::vector<std::string> own = request.environment;
  std::vector<std::string> unset = request.unset_environment;
  unset.emplace_back(k_job_mark);
  for (const std::string& variable : own) unset.push_back(name_of(variable));
  std::vector<std::string> all;
  if (!request.mark.empty()) all.push_back(std::string(k_job_mark) + "=" + request.mark);
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    if (!is_unset(*variable, unset)) all.emplace_back(*variable);
  std::ranges::move(own, std::back_inserter(all));
  return all;
}

// posix_spawn takes char* for reasons of age; it changes nothing.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

int launch(const Launch& what, pid_t& pid) {
  Actions actions;
  int error = posix_spawn_file_actions_adddup2(&actions.raw, what.input, STDIN_FILENO);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions.raw, what.output, STDOUT_FILENO);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions.raw, what.error_output, STDERR_FILENO);
  if (error == 0) error = posix_spawn_file_actions_addchdir_np(&actions.raw, what.cwd);
  // What this process itself inherited is not the job's business either.
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions.raw, STDERR_FILENO + 1);
  if (error != 0) return error;
  arrange_signals();
  Attributes attributes;
  set_attributes(attributes.raw);
  const InheritedDescriptorLimit limit;
  return posix_spawnp(&pid, what.argv[0], &actions.raw, &attributes.raw, what.argv, what.environment);
}

}  // namespace baton::platform
