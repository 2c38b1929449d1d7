#!/usr/bin/env bash
# The demo: installs what it needs, builds baton, and shows one repository with several agents at work.
#   scripts/demo.sh            in a temporary folder, removed at the end
#   scripts/demo.sh --keep     the folder stays, and its name is printed
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=no
[ "${1:-}" = "--keep" ] && keep=yes

"$top/scripts/dependencies.sh"
cmake --preset release -S "$top" >/dev/null
cmake --build "$top/build/release" --target baton
PATH="$top/build/release/daemon:$PATH"

play=$(mktemp -d "${TMPDIR:-/tmp}/baton-demo-XXXXXX")
daemon=
runners=()
clean_up() {
  for pid in "${runners[@]}" $daemon; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ $keep = yes ]; then echo "The folder stays: $play"; else rm -rf "$play"; fi
}
trap clean_up EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "1. A repository with a test, a coordination folder, the daemon, four masters with an agent"
git init -q --initial-branch=main "$play/shop"
cd "$play/shop"
git config user.name demo && git config user.email demo@example.org
mkdir dashboard tests
printf '# Shop\n\nSells teh best tea.\n' > README.md
echo 'total = 41' > dashboard/total.sh
printf '#!/bin/sh\n# Every test has to pass.\nfor t in tests/*.sh; do sh "$t" || { echo "$t failed"; exit 1; }; done; echo "all tests pass"\n' > test.sh
echo 'grep -q Shop README.md' > tests/readme.sh
git add . && git commit -qm "a shop"
baton init
# Short waits, so that there is nothing to wait for. The tests decide whether work is good, and what is completed goes into main.
cat > coordination/orchestrator/config.json <<'JSON'
{"exit_grace": "300ms", "retry_backoff": "500ms", "integrate": "merge",
 "checkpoints": {"all tests pass": [["sh", "test.sh"]]}}
JSON
baton daemon 2> "$play/daemon.log" &
daemon=$!
# Each master has an agent do its work, in a git worktree per step. Any agent program will do; this one is a script.
for name in development security inventory cicd; do
  baton work --master $name --jobs 2 -- "$top/scripts/demo-agent.sh" > "$play/$name.log" 2>&1 &
  runners+=($!)
done

say "2. Work arrives: one large task, three simple ones, a Markdown prompt, a broken file"
cat > coordination/task-queue.d/.auth <<'JSON'
{"id": "task-1762342920", "title": "Add authentication system with security audit and documentation", "priority": "high",
 "checkpoint": "all tests pass"}
JSON
mv coordination/task-queue.d/.auth coordination/task-queue.d/auth.json
baton submit "Scan repository for security vulnerabilities" --id scan
baton submit "List all repositories in the portfolio" --id portfolio
baton submit "Fix bug in dashboard/total.sh line 1" --id dashboard --file dashboard/total.sh
printf '# Fix typo in README.md\n\nThe third line says "teh".\n' > coordination/task-queue.d/typo.md
printf '{"title": "Deploy the shop",\n "priority": "hihg"}\n' > coordination/task-queue.d/broken.json

say "3. An agent dies in the middle of its work (kill -9)"
feed=coordination/dashboard-events.jsonl
told() { # told TYPE PATTERN: waits until the feed has an entry of the type that matches
  local tries=0
  until grep -qE "\"type\":\"$1\".*$2" "$feed"; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || { echo "the feed has no $1 of $2 after a minute" >&2; exit 1; }
    sleep 0.02
  done
}
pid_of() { sed -n 's/.*"pid": *\([0-9][0-9]*\).*/\1/p' "$1" 2> /dev/null | grep -v '^0$' || true; }
told subtask_started '"subtask_id":"[^"]*backend'
spec=$(echo coordination/worker-specs/active/*backend*.json)
until victim=$(pid_of "$spec") && [ -n "$victim" ]; do sleep 0.02; done
baton show task-1762342920
kill -9 "$victim"

say "4. Live: its end is seen, and its work is handed out again"
baton watch task-1762342920
told subtask_retried '"subtask_id":"[^"]*backend'

say "5. The report"
for id in scan portfolio dashboard typo task-1762342920; do baton wait $id > /dev/null; done
baton report task-1762342920

say "6. What they did is in main, and the tests of the repository pass"
tries=0
until [ "$(git log --oneline --grep 'Subtask: ' | wc -l)" -ge 7 ]; do # the runners bring it in
  tries=$((tries + 1))
  [ $tries -lt 1500 ] || { git log --oneline --graph; tail -n 3 "$play"/*.log; exit 1; }
  sleep 0.02
done
git log --oneline --graph | cut -c1-90
sh test.sh

say "7. The end of the feed"
tail -n 5 "$feed"

say "8. What was rejected, and why"
cat coordination/task-queue.d/rejected/broken.json.error.json

say "9. Where everything stands"
baton list --all
[ -z "${BATON_DEMO_KEEP:-}" ] || cp -a coordination "$BATON_DEMO_KEEP"
