#include "service/probe_jobs.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "platform/probe.h"
#include "service/working_folder.h"

namespace baton::service {

namespace {

constexpr std::int64_t k_timeout_ms = 10'000;
constexpr std::size_t k_kept_bytes = 64 * 1'024;
constexpr const char* k_self = "/proc/self/exe";

/// Why nothing was found out.
std::string failure_of(const JobEnd& end) {
  switch (end.how) {
    case JobEnd::How::exited: return end.exit.code == 0 ? "" : "no job can be started there: " + end.exit.error_output;
    case JobEnd::How::signalled: return "a job there is ended by signal " + std::to_string(end.exit.code - 128);
    case JobEnd::How::timed_out: return "a job there did not end within " + format_duration(k_timeout_ms);
    case JobEnd::How::not_started: return end.error.message;
  }
  return "";
}

}  // namespace

ProbeJobs::ProbeJobs(World& world)
    : world_(world), pool_(world, "probe", k_max_probes, [this](const std::string& key) { return order(key); }) {}

/// Each program once per folder. A folder that is not there is a problem of its program.
std::vector<protocol::JobFinding> ProbeJobs::jobs_to_look_at() const {
  std::vector<protocol::JobFinding> all;
  const auto add = [&](const std::string& job, const std::vector<std::string>& command, const std::string& cwd) {
    if (command.empty()) return;
    protocol::JobFinding finding;
    finding.job = job;
    finding.program = command.front();
    finding.folder = cwd;
    const auto folder = working_folder(world_.workspace, cwd);
    folder ? finding.folder = *folder : finding.problem = folder.error().message;
    const auto is_same = [&](const protocol::JobFinding& other) {
      return other.job == job && other.program == finding.program && other.folder == finding.folder;
    };
    if (std::ranges::none_of(all, is_same)) all.push_back(std::move(finding));
  };
  add("planner", world_.config.planner_command, ".");
  add("notify", world_.config.notify_command, ".");
  for (const auto& [name, check] : world_.config.checkpoints)
    for (const auto& command : check.commands) add(name, command, check.cwd);
  return all;
}

void ProbeJobs::start(const core::InputRef& input, Turn& turn) {
  const std::size_t id = ++last_round_;
  Round& round = rounds_[id] = {input, jobs_to_look_at(), 0};
  std::map<std::string, Look> looks;  // by folder
  for (std::size_t i = 0; i < round.findings.size(); ++i) {
    const protocol::JobFinding& finding = round.findings[i];
    if (!finding.problem.empty()) continue;
    Look& look = looks.try_emplace(finding.folder, Look{id, finding.folder, {}}).first->second;
    look.findings.push_back(i);
  }
  for (auto& [folder, look] : looks) {
    const std::string key = std::to_string(id) + "." + std::to_string(++round.open);
    pool_.remember(key, turn);
    unasked_.push_back(key);
    looks_.emplace(key, std::move(look));
  }
}

void ProbeJobs::ask() {
  for (const std::string& key : std::exchange(unasked_, {})) pool_.ask(key);
}

Result<std::optional<JobOrder>> ProbeJobs::order(const std::string& key) {
  const Look& look = looks_.at(key);
  JobOrder order;
  order.argv = {k_self, platform::k_probe_job_verb};
  for (const std::size_t i : look.findings) order.argv.push_back(rounds_.at(look.round).findings[i].program);
  order.cwd = look.folder;
  order.timeout_ms = k_timeout_ms;
  order.head = k_kept_bytes;
  return order;
}

void ProbeJobs::ended(const JobEnd& end) {
  const Look look = std::move(looks_.extract(end.key).mapped());
  Round& round = rounds_.at(look.round);
  const std::string failure = failure_of(end);
  const platform::ProbeResult found = platform::from_lines(failure.empty() ? end.exit.output : "");
  for (std::size_t i = 0; i < look.findings.size(); ++i) {
    protocol::JobFinding& finding = round.findings[look.findings[i]];
    const bool told = failure.empty() && i < found.programs.size();
    finding.path = told ? found.programs[i].path : "";
    finding.problem = told ? found.programs[i].problem : failure.empty() ? "nothing was found out" : failure;
    for (const platform::Denial& denial : found.denied) finding.denied.emplace_back(denial.what, denial.why);
    finding.no_new_privileges = found.no_new_privileges;
  }
  --round.open;
  pool_.forget(end.key);
}

void ProbeJobs::answer(const Round& round, Turn& turn) const {
  const auto well = [](const protocol::JobFinding& finding) { return finding.problem.empty(); };
  const auto count = std::ranges::count_if(round.findings, well);
  turn.changes.effects.emplace_back(core::AnswerCommand{
      round.input, true, std::to_string(count) + " of " + std::to_string(round.findings.size()) + " programs can be started",
      protocol::write_findings(round.findings)});
}

void ProbeJobs::take(Turn& turn) {
  pool_.take(turn, [this](const JobEnd& end) { ended(end); });
  for (const auto& [id, round] : rounds_)
    if (round.open == 0) answer(round, turn);
  std::erase_if(rounds_, [](const auto& each) { return each.second.open == 0; });
}

}  // namespace baton::service
