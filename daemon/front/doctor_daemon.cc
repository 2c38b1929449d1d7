#include "front/doctor.h"
#include "front/lookup.h"

namespace baton::front {

void check_daemon(const Folder& folder, Checks& checks) {
  const auto pid = folder.daemon();
  if (!pid) {
    checks.push_back({Verdict::warn, "daemon", "none is running", "start it: baton daemon"});
    return;
  }
  const std::string running = "running, pid " + std::to_string(*pid);
  const auto state = load_state(folder);
  if (!state) {
    checks.push_back(
        {Verdict::fail, "daemon", running + ", but its state cannot be read: " + state.error().message, "see the daemon's log"});
    return;
  }
  if (state->daemon_version != BATON_VERSION)
    checks.push_back({Verdict::warn, "daemon",
                      running + ", version " + state->daemon_version + "; this program is " BATON_VERSION, "restart the daemon"});
  else if (!state->daemon_state.empty() && state->daemon_state != "running")
    checks.push_back({Verdict::fail, "daemon",
                      running + ": " + state->daemon_state + (state->message.empty() ? "" : ": " + state->message),
                      "see the daemon's log"});
  else
    checks.push_back({Verdict::ok, "daemon", running + ", version " BATON_VERSION});
}

}  // namespace baton::front
