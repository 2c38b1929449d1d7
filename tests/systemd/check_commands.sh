# A planner command in three sandboxes: as shipped, with programs allowed and nothing else, with commands.conf.

readonly config=$folder/orchestrator/config.json findings=/var/lib/baton/findings
readonly answered='"planner": *"command"' fell_through='"planner": *"rules"'

use_planner() {
  install -d -m 777 /var/lib/outside /run/outside
  printf '{"state_dir": "/var/lib/baton/journal", "planner": {"command": [%s]}}\n' "$(printf '"%s", ' /usr/bin/python3 \
    "$stage/test/planner.py" $findings "$(readlink /proc/self/ns/net)" /var/lib/outside /run/outside | sed 's/, $//')" > "$stage/config"
  install -o baton -g baton -m 660 "$stage/config" "$config"
}

restart() {
  systemctl daemon-reload
  systemctl restart $service || die "$service does not start: $(cat "$stage/service.log")"
}

plan_says() { grep -qs "$2" "$folder/orchestrator/tasks/orch-$1.json"; } # ID PATTERN
plan_with_command() { # ID PATTERN
  rm -f $findings
  drop_task alice $folder "$1" '"planner": "command", "orchestration_required": true'
  until_true "the plan of $1 says $2" plan_says "$1" "$2"
}

found() { # WHAT BEGINNING_OF_THE_FINDING
  local finding
  finding=$(sed -n "s/^$1: //p" $findings)
  [[ $finding == "$2"* ]] || die "$1 is $finding for a planner, not $2 ($3)"
}

# What the daemon finds where its planner runs, as doctor tells it.
doctor_says() { # WORDS WHEN
  setpriv --reuid baton --regid baton --clear-groups "$baton" --coordination $folder doctor > "$stage/doctor" || true
  grep -q "planner .*$1" "$stage/doctor" || die "doctor does not say \"$1\" of the planner ($2): $(cat "$stage/doctor")"
}

always_denied() {
  found var denied "$1"
  found run denied "$1"
  found home denied "$1"
  found privileges denied "$1"
  found tmp allowed "$1"
}

use_planner
restart
plan_with_command as-shipped "$fell_through"
grep -q '"note": *"the planner command gave no plan: cannot start /usr/bin/python3' $folder/dashboard-events.jsonl ||
  die "the feed does not say why the planner was not asked"
[[ ! -e $findings ]] || die "the planner ran in the sandbox of a daemon that runs no commands"
doctor_says 'cannot be started: no programs may be started there' "as shipped"
say "as shipped: no program starts, the plan comes from the rules and says so"

drop_in $service commands <<< $'[Service]\nNoExecPaths=\nExecPaths='
restart
plan_with_command programs-only "$answered"
for what in network code nice; do found $what denied "without commands.conf"; done
always_denied "without commands.conf"
doctor_says 'no code written at run time' "without commands.conf"
doctor_says 'no nice and taskset' "without commands.conf"
say "programs alone: no network, no code written at run time, no priorities"

drop_in $service commands < "$stage/shipped/commands.conf"
restart
plan_with_command with-commands "$answered"
for what in network code nice; do found $what allowed "with commands.conf"; done
always_denied "with commands.conf"
doctor_says 'can be started in /var/lib/baton' "with commands.conf"
say "commands.conf: the planner's plan is taken; no privileges, no /home, nothing written outside"
