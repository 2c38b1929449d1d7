# baton.service: work that was dropped before, kill -9, a hang: nothing lost, nothing twice.

readonly service=baton.service folder=/var/lib/baton/coordination
drop_in "$service" test << EOF
[Service]
RestartSec=100ms
WatchdogSec=2s
TimeoutAbortSec=1s
StandardError=append:$stage/service.log
ExecStopPost=+/bin/sh -c 'echo "\$\$SERVICE_RESULT" >> $stage/results'
EOF
systemctl daemon-reload

systemctl start baton-init.service
[[ $(stat -c '%a %U %G' $folder/task-queue.d) == "2770 baton baton" ]] || die "task-queue.d is $(stat -c '%a %U %G' $folder/task-queue.d)"
drop_task alice $folder before
systemctl start $service || die "$service does not start: $(cat "$stage/service.log")"
is_state $service active || die "$service is $(systemctl is-active $service) after its start"
until_true "the task dropped before the start is handed out" test -e "$(handoff $folder before)"
[[ $(stat -c '%a %U %G' "$(handoff $folder before)") == "660 baton baton" ]] || die "the handoff is $(stat -c '%a %U %G' "$(handoff $folder before)")"
[[ $(stat -c '%a %U %G' /var/lib/baton/journal/journal.db) == "600 baton baton" ]] ||
  die "the journal is $(stat -c '%a %U %G' /var/lib/baton/journal/journal.db)"
setpriv --reuid alice --regid baton --clear-groups "$baton" --coordination $folder doctor > "$stage/doctor" || die "doctor: $(cat "$stage/doctor")"
grep -q 'running, pid' "$stage/doctor" || die "a member of the group cannot see that the daemon runs: $(cat "$stage/doctor")"
say "active, and a task that was dropped before is handed out"

readonly first=$(stat -c %i "$(handoff $folder before)")

is_restarted() { has $service NRestarts "$1" && is_state $service active; }

systemctl kill --signal=KILL $service
until_true "$service is started again after kill -9" is_restarted 1
drop_task alice $folder after-kill
until_true "work goes on after kill -9" test -e "$(handoff $folder after-kill)"
say "restarted after kill -9, and the next task is handed out"

systemctl kill --signal=STOP --kill-whom=main $service
until_true "the watchdog ends a stopped daemon" is_restarted 2
drop_task alice $folder after-hang
until_true "work goes on after a hang" test -e "$(handoff $folder after-hang)"
[[ $(tail -n 1 "$stage/results") == watchdog ]] || die "the daemon ended by: $(cat "$stage/results")"
say "restarted by the watchdog after SIGSTOP, and the next task is handed out"

[[ $(stat -c %i "$(handoff $folder before)") == "$first" ]] || die "the first task was handed out again"
must "the feed" python3 ./feed.py $folder/dashboard-events.jsonl \
  daemon_started=3 daemon_stopped=0 task_received=3 subtask_handed_off=3
say "in the feed: three starts, each task once, seq without gap or repeat"
