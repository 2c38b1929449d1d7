// The commands of config.json where the daemon would run them: it is asked to try (`probe`), since nobody else is in its sandbox.
// Without a daemon they are tried here.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "front/catalogue.h"
#include "front/doctor.h"
#include "front/request.h"
#include "platform/probe.h"
#include "protocol/writers.h"

namespace baton::front {
namespace {

using nlohmann::json;
using protocol::JobFinding;

constexpr std::int64_t k_probe_ms = 20'000;  // a job's own tries take two seconds at most
constexpr std::string_view k_relax = "systemd's commands.conf gives jobs back what they need (see docs/service.md)";

std::string subject_of(const JobFinding& finding) {
  return finding.job == "planner" || finding.job == "notify" ? finding.job : "checkpoint";
}

std::string name_of(const JobFinding& finding) {
  const std::string subject = subject_of(finding);
  return (subject == "checkpoint" ? "\"" + finding.job + "\": " : "the " + subject + " command ") + finding.program;
}

std::string in_words(const std::string& what, const JobFinding& finding) {
  if (what == "network") return "no network";
  if (what == "connections") return "no connections, not even to itself";
  if (what == "code") return "no code written at run time (Node.js, Java)";
  if (what == "priorities") return "no nice and taskset";
  if (what == "folder") return "its folder " + finding.folder + " is read-only";
  if (what == "tmp") return "no place for temporary files";
  if (what == "home") return "its home folder is hidden or read-only";
  return "no " + what;
}

JobFinding finding_of(const json& item) {
  JobFinding finding;
  finding.job = item.value("job", "");
  finding.program = item.value("program", "");
  finding.folder = item.value("folder", "");
  finding.path = item.value("path", "");
  finding.problem = item.value("problem", "");
  for (const json& denial : item.value("denied", json::array()))
    finding.denied.emplace_back(denial.value("what", ""), denial.value("why", ""));
  finding.no_new_privileges = item.value("no_new_privileges", false);
  return finding;
}

Result<std::vector<JobFinding>> ask_daemon(const Folder& folder) {
  Data asked;
  asked.set("command", "probe");
  TRY_VALUE(const Answer answer, request(folder, "probe", std::move(asked), k_probe_ms));
  if (!answer.ok) return fail(ErrorCode::refused, answer.message);
  const json document = json::parse(answer.bytes, nullptr, false);
  std::vector<JobFinding> findings;
  if (document.is_object())
    for (const json& item : document.value("findings", json::array())) findings.push_back(finding_of(item));
  return findings;
}

/// What this process cannot do either is no matter of the daemon's sandbox.
bool is_denied_here(const platform::ProbeResult& here, const std::string& what) {
  if (what == "folder" || what == "home" || what == "tmp") return false;
  return std::ranges::any_of(here.denied, [&what](const platform::Denial& denial) { return denial.what == what; });
}

void judge(const JobFinding& finding, const platform::ProbeResult& here, Checks& checks) {
  const std::string subject = subject_of(finding);
  if (!finding.problem.empty()) {
    const std::string place = finding.path.empty() || finding.path == finding.program ? "" : " (" + finding.path + ")";
    checks.push_back(
        {Verdict::fail, subject, name_of(finding) + place + " cannot be started: " + finding.problem,
         "install it, write its whole path into the configuration, or look at its permissions; " + std::string(k_relax)});
    return;
  }
  std::vector<std::string> missing;
  std::vector<std::string> nowhere;
  for (const auto& [what, why] : finding.denied)
    (is_denied_here(here, what) ? nowhere : missing).push_back(in_words(what, finding) + " (" + why + ")");
  std::string remarks = nowhere.empty() ? "" : "; here and there: " + text::join(nowhere, ", ");
  if (finding.no_new_privileges) remarks += "; no sudo and no setuid programs";
  if (missing.empty())
    checks.push_back({Verdict::ok, subject, name_of(finding) + " can be started in " + finding.folder + remarks});
  else
    checks.push_back({Verdict::warn, subject,
                      name_of(finding) + " can be started, but where it runs there is: " + text::join(missing, ", ") + remarks,
                      std::string(k_relax)});
}

/// The same without a daemon: only whether the programs are there.
void look_here(const std::string& job, const std::vector<std::string>& command, Checks& checks) {
  if (command.empty()) return;
  const platform::ProgramLook look = platform::probe({command.front()}).programs.front();
  JobFinding finding;
  finding.job = job;
  finding.program = command.front();
  finding.path = look.path;
  finding.problem = look.problem;
  if (look.problem.empty())
    checks.push_back(
        {Verdict::ok, subject_of(finding), name_of(finding) + " is there; what it may do is tried when a daemon runs"});
  else
    judge(finding, {}, checks);
}

}  // namespace

void check_jobs(const Folder& folder, Checks& checks) {
  const protocol::Config config = load_catalogue(folder).config;
  if (config.planner_command.empty() && config.notify_command.empty() && config.checkpoints.empty()) return;
  if (!folder.daemon()) {
    look_here("planner", config.planner_command, checks);
    look_here("notify", config.notify_command, checks);
    for (const auto& [name, check] : config.checkpoints)
      for (const auto& command : check.commands) look_here(name, command, checks);
    return;
  }
  const auto findings = ask_daemon(folder);
  if (!findings) {
    checks.push_back({Verdict::warn, "jobs", "the daemon has not tried its commands: " + findings.error().message,
                      "run baton doctor as the daemon's user, with the same version"});
    return;
  }
  const platform::ProbeResult here = platform::probe({});
  for (const JobFinding& finding : *findings) judge(finding, here, checks);
}

}  // namespace baton::front
