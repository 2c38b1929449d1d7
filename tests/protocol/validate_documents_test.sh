#!/bin/bash
# The independent validator judges the examples as the program does: every valid one passes, every invalid one is found.
#   validate_documents_test.sh SOURCE_DIR
set -euo pipefail
source=$1
validate=$source/scripts/validate-documents.sh
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
declare -A home=([plan]=orchestrator/tasks/orch-a.json [subtask]=orchestrator/subtasks/a.json [state]=orchestrator/state/current.json
  [estimates]=orchestrator/state/estimates.json [processes]=orchestrator/state/processes.json [report]=orchestrator/reports/a.json [escalation]=orchestrator/escalations/a.json
  [answer]=orchestrator/commands/done/a.json
  [reason]=orchestrator/a.json.error.json [event]=dashboard-events.jsonl [planner_request]=orchestrator/planner-request.json)

fail() { echo "FAILED: $*"; exit 1; }

# lay SIDE [TOP]: a coordination folder of its own for each example of that side.
lay() {
  for kind in "${!home[@]}"; do
    for file in "$source/tests/protocol/examples/$kind/$1"/*.json; do
      folder=${2:-$top/$1}/$kind-$(basename "$file" .json)
      mkdir -p "$folder/masters" "$folder/$(dirname "${home[$kind]}")" "$folder/orchestrator"
      tr -d '\n' <"$file" >"$folder/${home[$kind]}"
    done
  done
}

lay valid
"$validate" "$top/valid" >"$top/out" 2>&1 || fail "valid examples: $(cat "$top/out")"

lay invalid
"$validate" "$top/invalid" >"$top/out" 2>&1 && fail "invalid examples pass"
for folder in "$top"/invalid/*; do
  grep -qE "^$folder/[^ ]+: [^ ]+: ." "$top/out" || fail "not found: $folder"
done

# Archived documents, and those whose name was taken, are judged like all others.
home=([plan]=orchestrator/archive/2025-11/tasks/orch-a.json [subtask]=orchestrator/archive/2025-11/subtasks/a.json
  [report]=orchestrator/archive/2025-11/reports/a.json)
lay valid "$top/archived"
"$validate" --written "$top/archived" >"$top/out" 2>&1 || fail "archived examples: $(cat "$top/out")"
lay invalid "$top/broken"
home=([answer]=orchestrator/commands/done/a.json.12)
lay invalid "$top/broken/numbered"
"$validate" --written "$top/broken" >"$top/out" 2>&1 && fail "invalid archived examples pass"
for folder in "$top"/broken/*-* "$top"/broken/numbered/*; do
  grep -qE "^$folder/[^ ]+: [^ ]+: ." "$top/out" || fail "not found: $folder"
done

# What the command line writes is judged; with --written nothing else of the kinds that others write, too.
put() { mkdir -p "$(dirname "$1")" && cat >"$1"; }
lay_cli() {  # lay_cli FOLDER SUMMARY PROGRESS PRIORITY COMMAND
  local folder=$1
  mkdir -p "$folder/masters" "$folder/orchestrator"
  put "$folder/masters/dev/handoffs/done/from-dev-subtask-a.json" <<END
{"handoff_id": "from-dev-subtask-a", "from": "dev", "to": "orchestrator", "subtask_id": "a", "epoch": 1, "attempt": 1,
 "status": "completed", "completed_at": "2025-11-05T18:00:00Z", "result": {"summary": $2, "artifacts": [], "files_modified": []}}
END
  mkdir -p "$folder/masters/dev/handoffs/stale"
  cp "$folder/masters/dev/handoffs/done/from-dev-subtask-a.json" "$folder/masters/dev/handoffs/stale/from-dev-subtask-a.json.2"
  put "$folder/worker-specs/completed/w.json" <<END
{"worker_id": "w", "subtask_id": "a", "master": "dev", "host": "here", "status": "in_progress",
 "started_at": "2025-11-05T18:00:00Z", "last_heartbeat": "2025-11-05T18:00:00Z", "progress_percent": $3, "epoch": 1}
END
  mkdir -p "$folder/worker-specs/stale"
  cp "$folder/worker-specs/completed/w.json" "$folder/worker-specs/stale/w.json.1"
  put "$folder/task-queue.d/accepted/task-20251105-180000-k3x9.json" <<END
{"id": "task-20251105-180000-k3x9", "title": "Fix it", "priority": "$4"}
END
  put "$folder/orchestrator/commands/done/pause-17-k3x9k3x9.json" <<END
{"command": "$5", "ok": true, "message": "m", "request": {"inode": 1, "mtime_ns": 1, "size": 1}, "answered_at": "2025-11-05T18:00:00Z"}
END
}
judged="1 answer, 1 command, 2 result, 1 task, 2 worker-spec"
lay_cli "$top/cli/good" '"done"' 7 high pause
for option in "" --written; do
  "$validate" $option "$top/cli/good" >"$top/out" 2>&1 || fail "what the command line writes: $(cat "$top/out")"
  grep -q "$judged" "$top/out" || fail "not all is judged: $(cat "$top/out")"
done
lay_cli "$top/cli/bad" '["done"]' '"half"' urgent pauze
"$validate" --written "$top/cli/bad" >"$top/out" 2>&1 && fail "what the command line must not write passes"
for file in handoffs/done/from-dev-subtask-a.json handoffs/stale/from-dev-subtask-a.json.2 completed/w.json stale/w.json.1 \
  task-20251105-180000-k3x9.json pause-17-k3x9k3x9.json; do
  grep -q "$file: /" "$top/out" || fail "not found: $file"
done
lay_cli "$top/others" '"done"' 7 high pause
echo '{"status": 7}' >"$top/others/masters/dev/handoffs/done/from-dev-subtask-a.json"
echo '{"title": 7}' >"$top/others/task-queue.d/accepted/t.json"
"$validate" --written "$top/others" >"$top/out" 2>&1 || fail "documents of others: $(cat "$top/out")"
"$validate" "$top/others" >"$top/out" 2>&1 && fail "a result against the schema passes"

# What others wrote and was refused may be anything; a handoff that was withdrawn may not.
stale=$top/refused/masters/dev/handoffs/stale
put "$stale/from-dev-subtask-a.json" <<<'{"status": '
put "$stale/to-dev-subtask-a.json.e1" <<<'{"status": 7}'
cp "$(ls "$source"/tests/protocol/examples/reason/valid/*.json | head -n 1)" "$stale/to-dev-subtask-a.json.e1.error.json"
put "$top/refused/worker-specs/failed/w.verdict.json" <<<'{"worker_id": "w", "verdict": {}}'
mkdir -p "$top/refused/orchestrator"
"$validate" "$top/refused" >"$top/out" 2>&1 || fail "what was refused: $(cat "$top/out")"
rm "$stale"/*.error.json
"$validate" --written "$top/refused" >"$top/out" 2>&1 && fail "a handoff against the schema passes"

mkdir "$top/empty"
"$validate" "$top/empty" >/dev/null 2>&1 && fail "nothing to judge must fail"
exit 0
