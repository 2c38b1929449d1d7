// The table of all verbs: one row each, in the order of the help.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "front/verb.h"

namespace baton::front {

std::span<const Verb* const> all_verbs();
/// usage: no such verb, with the nearest one.
Result<const Verb*> find_verb(std::string_view name);

namespace verbs {
extern const Verb k_init, k_daemon, k_submit, k_list, k_status, k_show, k_graph, k_explain, k_wait, k_watch, k_events, k_report,
    k_plan, k_validate, k_retry, k_redo, k_skip, k_cancel, k_release, k_approve, k_reject, k_pause, k_resume, k_claim,
    k_heartbeat, k_complete, k_fail, k_work, k_worktree, k_run, k_ps, k_logs, k_config, k_doctor, k_backup, k_restore, k_archive,
    k_completion, k_version, k_help;
}  // namespace verbs

}  // namespace baton::front
