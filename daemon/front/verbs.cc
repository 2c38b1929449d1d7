#include "front/verbs.h"

#include "base/text.h"

namespace baton::front {
namespace {

using namespace verbs;

constexpr const Verb* k_all[] = {
    &k_init,   &k_daemon,   &k_submit, &k_run,    &k_list,      &k_status,   &k_show,    &k_watch,      &k_wait,     &k_report,
    &k_events, &k_explain,  &k_graph,  &k_plan,   &k_retry,     &k_redo,     &k_skip,    &k_cancel,     &k_release,  &k_approve,
    &k_reject, &k_pause,    &k_resume, &k_claim,  &k_heartbeat, &k_complete, &k_fail,    &k_work,       &k_worktree, &k_ps,
    &k_logs,   &k_validate, &k_config, &k_doctor, &k_backup,    &k_restore,  &k_archive, &k_completion, &k_version,  &k_help,
};

}  // namespace

std::span<const Verb* const> all_verbs() { return k_all; }

Result<const Verb*> find_verb(std::string_view name) {
  std::vector<std::string> names;
  for (const Verb* verb : k_all) {
    if (verb->name == name) return verb;
    names.emplace_back(verb->name);
  }
  return fail(ErrorCode::usage, "there is no verb \"" + text::printable(name) + "\"" + text::did_you_mean(name, names),
              "all verbs: baton help");
}

}  // namespace baton::front
