#!/bin/bash
# The independent validator judges the examples as the program does: every valid one passes, every invalid one is found.
#   validate_documents_test.sh SOURCE_DIR
set -euo pipefail
source=$1
validate=$source/scripts/validate-documents.sh
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
declare -A home=([plan]=orchestrator/tasks/orch-a.json [subtask]=orchestrator/subtasks/a.json [state]=orchestrator/state/current.json
  [report]=orchestrator/reports/a.json [escalation]=orchestrator/escalations/a.json [answer]=orchestrator/commands/done/a.json
  [reason]=orchestrator/a.json.error.json [event]=dashboard-events.jsonl)

fail() { echo "FAILED: $*"; exit 1; }

# lay SIDE: a coordination folder of its own for each example of that side.
lay() {
  for kind in "${!home[@]}"; do
    for file in "$source/tests/protocol/examples/$kind/$1"/*.json; do
      folder=$top/$1/$kind-$(basename "$file" .json)
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

mkdir "$top/empty"
"$validate" "$top/empty" >/dev/null 2>&1 && fail "nothing to judge must fail"
exit 0
