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
masters=()
clean_up() {
  for pid in "${masters[@]}" $daemon; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ $keep = yes ]; then echo "The folder stays: $play"; else rm -rf "$play"; fi
}
trap clean_up EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "1. A repository, a coordination folder, the daemon, four agents"
git init -q "$play/shop"
cd "$play/shop"
echo "# Shop" > README.md
git add README.md
git -c user.name=demo -c user.email=demo@example.org commit -qm "a shop"
baton init
# Short waits, so that there is nothing to wait for.
echo '{"exit_grace": "300ms", "retry_backoff": "500ms"}' > coordination/orchestrator/config.json
baton daemon 2> "$play/daemon.log" &
daemon=$!

# master NAME SECONDS: a master is whoever takes files from its folder. This one needs mv and `baton complete`. With `baton heartbeat` it
# also names its process, so that somebody notices when that dies.
master() {
  local folder=coordination/masters/$1/handoffs handoff id
  while :; do
    for handoff in "$folder"/to-*.json; do
      [ -e "$handoff" ] || continue
      mv "$handoff" "$folder/claimed/" 2>/dev/null || continue # somebody else was faster
      id=$(basename "$handoff" .json)
      id=${id#to-"$1"-subtask-}
      baton heartbeat "$1-$BASHPID-$id" --subtask "$id" --pid "$BASHPID" > /dev/null
      sleep "$2" > /dev/null # the work
      baton complete "$id" --summary "$1 has done $id" --artifact "notes/$id.md" > /dev/null
    done
    sleep 0.05
  done
}
for name in security inventory cicd; do
  master $name 0.4 2>/dev/null &
  masters+=($!)
done
master development 5 2>/dev/null &
mortal=$!
masters+=($mortal)

say "2. Work arrives: one large task, three simple ones, a Markdown prompt, a broken file"
cat > coordination/task-queue.d/.auth <<'JSON'
{"id": "task-1762342920", "title": "Add authentication system with security audit and documentation", "priority": "high"}
JSON
mv coordination/task-queue.d/.auth coordination/task-queue.d/auth.json
baton submit "Scan repository for security vulnerabilities"
baton submit "List all repositories in the portfolio"
baton submit "Fix bug in dashboard/server/index.js line 42" --file dashboard/server/index.js
printf '# Fix typo in README.md\n\nThe second heading says "teh".\n' > coordination/task-queue.d/typo.md
printf '{"title": "Deploy the shop",\n "priority": "hihg"}\n' > coordination/task-queue.d/broken.json

say "3. An agent dies in the middle of its work (kill -9); two others come"
feed=coordination/dashboard-events.jsonl
told() { # told TYPE [PATTERN]: waits until the feed has an entry of the type that matches
  local tries=0
  until grep -qE "\"type\":\"$1\".*${2:-}" "$feed"; do
    tries=$((tries + 1))
    [ $tries -lt 1500 ] || { echo "the feed has no $1 after 30 s" >&2; exit 1; }
    sleep 0.02
  done
}
told subtask_started "\"worker_id\":\"development-$mortal-"
kill -9 "$mortal"
wait "$mortal" 2>/dev/null || true
baton show task-1762342920
# Two: what a stage has side by side is done side by side.
for name in development development; do
  master $name 0.4 2>/dev/null &
  masters+=($!)
done

say "4. Live: its end is seen, and its work is handed out again"
baton watch task-1762342920
told worker_gone "\"worker_id\":\"development-$mortal-"
told subtask_retried

say "5. The report"
baton wait task-1762342920 > /dev/null
baton report task-1762342920

say "6. The end of the feed"
tail -n 5 coordination/dashboard-events.jsonl

say "7. What was rejected, and why"
cat coordination/task-queue.d/rejected/broken.json.error.json

say "8. Where everything stands"
baton list --all
[ -z "${BATON_DEMO_KEEP:-}" ] || cp -a coordination "$BATON_DEMO_KEEP"
