#include "service/job_pool.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "platform/random.h"
#include "service/log.h"

namespace baton::service {

namespace {

constexpr std::int64_t k_short_ms = 1'000;  // how long nothing is started when the system is short of something

/// What speaks of this process to its children: the service manager's sockets, its own settings, the repository it was started
/// in.
const std::vector<std::string> k_ours = {"NOTIFY_SOCKET", "WATCHDOG_*", "LISTEN_*", "BATON_*", "GIT_*"};

}  // namespace

JobPool::JobPool(World& world, std::string kind, std::size_t at_once, Orders orders)
    : world_(world), kind_(std::move(kind)), at_once_(at_once), orders_(std::move(orders)) {}

std::vector<std::string> JobPool::restore(const std::vector<store::JobRow>& rows) {
  std::vector<std::string> keys;
  const std::string front = row_name("");
  for (const store::JobRow& row : rows) {
    if (!row.name.starts_with(front)) continue;
    gone_.push_back(row.name);
    keys.push_back(row.name.substr(front.size()));
  }
  return keys;
}

void JobPool::remember(const std::string& key, Turn& turn) {
  const std::string& mark = marks_[key] = platform::random_word(16);
  std::erase(gone_, row_name(key));
  turn.commit.jobs.push_back({row_name(key), mark, world_.boot_id});
}

void JobPool::ask(const std::string& key) {
  waiting_.push_back(key);
  start_some();
}

void JobPool::ask_again(const std::string& key) { waiting_.push_front(key); }

void JobPool::stop(const std::string& key) {
  std::erase(waiting_, key);
  std::erase_if(failed_, [&](const JobEnd& end) { return end.key == key; });
  if (const auto at = running_.find(key); at != running_.end()) {
    at->second.process.signal_group(SIGKILL);
    ended_.push_back(std::move(at->second.process));
    running_.erase(at);
    sweep(key);  // also what left its group
  }
  forget(key);
}

void JobPool::forget(const std::string& key) {
  if (marks_.erase(key) > 0) gone_.push_back(row_name(key));
}

void JobPool::sweep(const std::string& key) {
  if (const auto mark = marks_.find(key); mark != marks_.end()) platform::end_marked({mark->second});
}

Result<> JobPool::start(const std::string& key, const JobOrder& order) {
  platform::SpawnRequest request;
  request.argv = order.argv;
  request.cwd = order.cwd;
  request.input = order.input;
  request.output_limit = order.head;
  request.output_tail = order.tail;
  request.joined = order.joined;
  request.unset_environment = k_ours;
  request.exec_job_program = "/proc/self/exe";
  request.mark = marks_[key];
  TRY_VALUE(platform::Process process, platform::Process::spawn(request));
  const std::int64_t now = world_.now.boot_ms;
  running_.insert_or_assign(key, Running{std::move(process), now, now + order.timeout_ms, false});
  log::info({kind_, " ", key, ": ", order.argv.front(), " runs"});
  return {};
}

void JobPool::start_some() {
  while (!waiting_.empty() && running_.size() < at_once_ && world_.now.boot_ms >= retry_ms_) {
    const std::string key = std::move(waiting_.front());
    waiting_.pop_front();
    auto order = orders_(key);
    if (order && !*order) {
      forget(key);
      continue;
    }
    const auto started = order ? start(key, **order) : Result<>(tl::make_unexpected(std::move(order).error()));
    if (started) continue;
    if (started.error().code == ErrorCode::no_space) {
      log::warn({kind_, " ", key, ": ", started.error().message, "; trying again"});
      waiting_.push_front(key);
      retry_ms_ = world_.now.boot_ms + k_short_ms;
    } else {
      failed_.push_back({key, JobEnd::How::not_started, {}, started.error(), 0});
    }
  }
}

// One that is late is ended, and its exit waited for like any other: a process that the kernel does not let go holds its place,
// and nothing else.
void JobPool::look(const std::string& key, Running& job, std::vector<JobEnd>& ends) {
  if (auto exit = job.process.pump()) {
    using How = JobEnd::How;
    const How how = job.late ? How::timed_out : exit->signalled ? How::signalled : How::exited;
    ends.push_back({key, how, std::move(*exit), {}, world_.now.boot_ms - job.started_ms});
  } else if (!job.late && world_.now.boot_ms >= job.deadline_ms) {
    job.late = true;
    job.process.signal_group(SIGKILL);
    sweep(key);
  }
}

void JobPool::take(Turn& turn, const std::function<void(JobEnd)>& each) {
  std::vector<JobEnd> ends = std::exchange(failed_, {});
  const std::size_t not_started = ends.size();
  for (auto& [key, job] : running_) look(key, job, ends);
  for (std::size_t i = not_started; i < ends.size(); ++i) {
    const auto at = running_.find(ends[i].key);
    ended_.push_back(std::move(at->second.process));
    running_.erase(at);
  }
  for (JobEnd& end : ends) each(std::move(end));
  start_some();
  auto& gone = turn.commit.jobs_gone;
  gone.insert(gone.end(), gone_.begin(), gone_.end());
  gone_.clear();
}

void JobPool::add_fds(std::vector<int>& fds) const {
  for (const auto& [key, job] : running_)
    for (const int fd : job.process.fds()) fds.push_back(fd);
}

std::optional<std::int64_t> JobPool::next_deadline() const {
  std::optional<std::int64_t> next;
  if (!waiting_.empty() && running_.size() < at_once_) next = retry_ms_;
  for (const auto& [key, job] : running_)
    if (!job.late) next = std::min(next.value_or(job.deadline_ms), job.deadline_ms);
  return next;
}

}  // namespace baton::service
