// ps: what it makes of the daemon's list, of the workers' own files, and of /proc.
#include <unistd.h>

#include "base/text.h"
#include "front/agents.h"
#include "front/render.h"
#include "front_fixture.h"
#include "platform/loop.h"
#include "platform/process_table.h"
#include "platform/resources.h"

using namespace baton;
using namespace baton::front;

namespace {

constexpr const char* k_list = "orchestrator/state/processes.json";

/// This very process, as an agent of the list; `more`: members of its row.
void add_list(const Coordination& coordination, const std::string& boot_id, std::uint64_t start_ticks, const std::string& more) {
  coordination.write(
      k_list, R"({"schema_version":1,"updated_at":"2025-11-05T18:00:00Z","host":")" + platform::host_name() + R"(","boot_id":")" +
                  boot_id + R"(","processes":[{"worker_id":"w1","subtask_id":"auth-002","task_id":"auth","title":"Backend",)" +
                  R"("master":"development","attempt":1,"epoch":1,"state":"working","pid":)" + std::to_string(::getpid()) +
                  R"(,"start_ticks":)" + std::to_string(start_ticks) +
                  R"(,"process_state":"waiting","process_count":1,"cpu_ms":5,"rss_bytes":4096,"progress_percent":40,)" +
                  R"("started_at":"2025-11-05T17:00:00Z","last_evidence":{"what":"cpu_time","at":"2025-11-05T18:00:00Z"})" +
                  more + "}]}\n");
}

std::uint64_t own_start() { return platform::read_process(::getpid())->start_ticks; }
std::string own_boot() { return platform::boot_id().value(); }

}  // namespace

TEST_CASE("ps: the daemon's list, with the figures of its processes as they are now") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  add_list(coordination, own_boot(), own_start(),
           R"(,"current_step":"Edit \u001b[2Ja.cc","tokens_used":48211,"cost_usd":0.21,"worktree":")" +
               coordination.at("worktrees/auth-002-a1") + "\"");
  const Ran ran = coordination.run({"ps"});
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
  CHECK(ran.out.starts_with("SUBTASK   WORKER  MASTER       PID"));
  CHECK(contains(ran.out, "STATE    PROCESS  CPU"));
  for (const char* part : {"auth-002  w1      development  ", " working  running  ", "%  ", " MiB  ",
                           "  40%   48,211  $0.21  cpu time ", " ago  worktrees/auth-002-a1  Edit [2Ja.cc\n"})
    CHECK_MESSAGE(contains(ran.out, part), part, " in ", ran.out);
  const Ran json = coordination.run({"ps", "--json"});
  CHECK(json.out.starts_with(
      R"({"schema_version":1,"data":{"source":"daemon","updated_at":"2025-11-05T18:00:00Z","processes":[{"worker_id":"w1",)"));
  for (const char* part :
       {R"("process_state":"running")", R"("cpu_percent":)", R"("elapsed_ms":)", R"("tokens_used":48211,"cost_usd":0.21)",
        R"("last_evidence":{"what":"cpu_time","at":"2025-11-05T18:00:00Z"})"})
    CHECK_MESSAGE(contains(json.out, part), part, " in ", json.out);
  CHECK_FALSE(contains(json.out, R"("rss_bytes":4096,)"));
}

TEST_CASE("ps: columns that nobody fills are left out, and the grounds of a bad state stand below") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  add_list(coordination, own_boot(), own_start(),
           R"(,"reason":"no_heartbeat","evidence":["no heartbeat for 5 min","its output stood"])");
  const Ran ran = coordination.run({"ps"});
  CHECK_FALSE(contains(ran.out, "TOKENS"));
  CHECK_FALSE(contains(ran.out, "STEP"));
  CHECK(contains(ran.out, "\nw1: no heartbeat for 5 min; its output stood\n"));
}

TEST_CASE("ps: what a worker has said since is newer than the list") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  add_list(coordination, own_boot(), own_start(), "");
  coordination.write("worker-specs/active/w1.json",
                     R"({"subtask_id":"auth-002","progress_percent":60,"current_step":"thinks","tokens_used":9})");
  const Ran ran = coordination.run({"ps", "--json"});
  for (const char* part :
       {R"("progress_percent":60,"current_step":"thinks","tokens_used":9)", R"("last_evidence":{"what":"heartbeat","at":"2)"})
    CHECK_MESSAGE(contains(ran.out, part), part, " in ", ran.out);
  coordination.write("worker-specs/active/w1.json", R"({"subtask_id":"another","progress_percent":70})");
  CHECK(contains(coordination.run({"ps", "--json"}).out, R"("progress_percent":40)"));
}

TEST_CASE("ps: where there is little room, columns leave") {
  AgentRow row;
  row.subtask_id = "auth-002-backend-of-the-shop";
  row.worker_id = row.subtask_id + "-e1";
  row.master = "development";
  row.state = "stalled";
  row.pid = 4711;
  row.process = AgentFigures{"sleeping", 71'000, 52 << 20, 3, 12.0};
  row.tokens = 48'211;
  row.worktree = "/tree/worktrees/auth-002-backend-a1";
  row.step = "Edit src/auth.cc";
  Agents agents;
  agents.rows.push_back(row);
  const auto heading = [&agents](std::size_t width) {
    const MemoryStream stream;
    Output out({.out = stream.file(), .err = stream.file()}, false);
    print_agents(out, agents, "/tree", width);
    std::fflush(stream.file());
    const std::string text = stream.text();
    for (const std::string& line : text::split(text, '\n')) CHECK_MESSAGE((width == 0 || display_width(line) <= width), line);
    return text.substr(0, text.find('\n'));
  };
  CHECK(contains(heading(0), "WORKTREE"));
  CHECK(contains(heading(0), "CPU TIME"));
  CHECK_FALSE(contains(heading(120), "WORKTREE"));
  CHECK(contains(heading(120), "STEP"));
  CHECK_FALSE(contains(heading(80), "STEP"));
  CHECK(contains(heading(80), "TOKENS"));
}

TEST_CASE("ps: a number that another process has by now is nobody's agent") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  add_list(coordination, own_boot(), own_start() + 1, "");
  const Ran ran = coordination.run({"ps"});
  CHECK(contains(ran.out, " ended "));
  CHECK_FALSE(contains(ran.out, "MEMORY"));
}

TEST_CASE("ps: where the pids of the list mean nothing, its own figures are shown") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  add_list(coordination, "another-boot", own_start(), "");
  const Ran ran = coordination.run({"ps", "--json"});
  CHECK(contains(ran.out, R"("process_state":"waiting","process_count":1,"cpu_ms":5,"rss_bytes":4096)"));
  CHECK_FALSE(contains(ran.out, "cpu_percent"));
}

TEST_CASE("ps: without a daemon the workers' own files are shown, and it says so") {
  const Coordination coordination;
  const Ran nobody = coordination.run({"ps"});
  CHECK(nobody.code == 0);
  CHECK(nobody.out.empty());
  CHECK(contains(nobody.err, "no daemon is running"));
  CHECK(contains(nobody.err, "no agent is at work"));
  add_list(coordination, own_boot(), own_start(), "");  // of a daemon that is gone
  coordination.write(
      "worker-specs/active/b.json",
      R"({"task_id":"auth-002","progress":"30","current_activity":"thinks","tokens_used":"1200","parent_master":"development"})");
  coordination.write("worker-specs/active/b.pid", std::to_string(::getpid()) + "\n");
  coordination.write("worker-specs/active/a.json", R"({"subtask_id":"auth-003","pid":99999999})");
  coordination.write("worker-specs/active/c.json", "{");
  const Ran ran = coordination.run({"ps"});
  CHECK(ran.code == 0);
  CHECK(contains(ran.err, "no daemon is running"));
  CHECK(contains(ran.out, "auth-002  b       development  "));
  CHECK(contains(ran.out, "running"));
  CHECK(contains(ran.out, "thinks"));
  CHECK(contains(ran.out, "\nauth-003  a "));
  CHECK_FALSE(contains(ran.out, "w1"));
  const Ran json = coordination.run({"ps", "--json"});
  CHECK(contains(json.out, R"("source":"worker_specs")"));
  CHECK(contains(json.out, R"("tokens_used":1200)"));
}

TEST_CASE("ps: a list that cannot be read is said so") {
  const Coordination coordination;
  const PlayedDaemon daemon(coordination, {});
  coordination.write(k_list, "{");
  const Ran ran = coordination.run({"ps"});
  CHECK(ran.code == 8);
  CHECK(contains(ran.err, "orchestrator/state/processes.json: the list of agents is not readable"));
}
