#include "runner/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <utility>

#include "platform/fd.h"
#include "runner/git.h"

namespace baton::runner {
namespace {

constexpr unsigned k_mode = 0660;

/// A file that begins anew when it is full; the one before it is kept.
class BoundedFile {
 public:
  static Result<BoundedFile> make(std::string path) {
    BoundedFile file(std::move(path));
    TRY(file.begin());
    return file;
  }
  // A full disk takes nothing from the agent: it goes on, and what it prints is not kept.
  void add(std::string_view bytes) {
    if (size_ > Agent::k_output_bytes && ::rename(path_.c_str(), (path_ + ".1").c_str()) == 0) (void)begin();
    const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
    if (put > 0) size_ += put;
  }

 private:
  explicit BoundedFile(std::string path) : path_(std::move(path)) {}
  Result<> begin() {
    fd_ = platform::Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, k_mode));
    size_ = 0;
    return fd_ ? Result<>{} : fail_errno("cannot write " + path_, errno);
  }
  std::string path_;
  platform::Fd fd_;
  std::int64_t size_ = 0;
};

platform::SpawnRequest request_of(const AgentOrder& order) {
  platform::SpawnRequest request;
  request.argv = order.argv;
  request.cwd = order.cwd;
  request.input = order.prompt;
  request.output_limit = 0;
  request.joined = true;
  request.unset_environment = k_kept_back;
  request.environment = order.environment;
  request.mark = order.mark;
  request.starts_services = order.starts_services;
  return request;
}

}  // namespace

struct Agent::Impl {
  Impl(BoundedFile made) : file(std::move(made)) {}
  BoundedFile file;
  AgentOutput output;
  bool printed = false;
  std::optional<platform::Exit> exit;
  std::optional<platform::Process> process;  // its sink is this
};

Agent::Agent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Agent::~Agent() = default;
Agent::Agent(Agent&&) noexcept = default;
Agent& Agent::operator=(Agent&&) noexcept = default;

Result<Agent> Agent::start(const AgentOrder& order, platform::Guard& guard) {
  TRY_VALUE(BoundedFile file, BoundedFile::make(order.output_file));
  auto impl = std::make_unique<Impl>(std::move(file));
  platform::SpawnRequest request = request_of(order);
  request.sink = [to = impl.get()](std::string_view bytes) {
    to->printed = true;
    to->file.add(bytes);
    to->output.add(bytes);
  };
  TRY_VALUE(impl->process, guard.run(request));
  return Agent(std::move(impl));
}

int Agent::pid() const { return impl_->process->pid(); }
const std::optional<platform::Exit>& Agent::exit() const { return impl_->exit; }
const AgentNews& Agent::news() const { return impl_->output.news(); }
void Agent::signal(int number) { impl_->process->signal_group(number); }

bool Agent::wait(std::int64_t ms) {
  Impl& agent = *impl_;
  if (agent.exit) return false;
  std::vector<pollfd> waited;
  for (const int fd : agent.process->fds()) waited.push_back({fd, POLLIN, 0});
  ::poll(waited.data(), waited.size(), static_cast<int>(std::clamp<std::int64_t>(ms, 0, std::numeric_limits<int>::max())));
  agent.exit = agent.process->pump();
  if (agent.exit) agent.output.finish();
  return std::exchange(agent.printed, false);
}

}  // namespace baton::runner
