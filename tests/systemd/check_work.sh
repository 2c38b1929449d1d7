# baton-work@.service: the unit of a user, here started by the system as alice, over the folder of check_own.sh.

readonly runner=baton-work@development.service
as_alice() { setpriv --reuid alice --regid "$(id -g alice)" --clear-groups env -C "$home" HOME="$home" "$@"; }
as_alice git init --quiet
as_alice git -c user.name=alice -c user.email=alice@example.org commit --quiet --allow-empty --message First
cat > "$home/coordination/masters/development/master.json" << 'EOF'
{"agent": ["/bin/sh", "-c", "case $PWD in *hang*) touch at-work; exec sleep 4711;; esac; echo made > w.txt; echo made w.txt"]}
EOF
drop_in "$runner" alice << EOF
[Service]
User=alice
EOF
systemctl daemon-reload
systemctl start --no-block "$own"
echo > "$stage/gate"
until_true "$own is active" is_state "$own" active
systemctl start "$runner" || die "$runner does not start"
until_true "her agent has done the task" test -e "$home/coordination/orchestrator/reports/own-1.json"
[[ $(as_alice git show baton/own-1/integration:w.txt) == made ]] || die "the work is not in the task's branch"

drop_task alice "$home/coordination" hang
until_true "the next agent is at work" test -e "$home/coordination/worktrees/hang-a1/at-work"
systemctl stop "$runner"
has "$runner" Result success || die "$runner stopped with $(property "$runner" Result)"
[[ -e $(handoff "$home/coordination" hang) ]] || die "the handoff was not given back"
! pgrep -f 'sleep 4711' > /dev/null || die "an agent outlives its service"
as_alice git for-each-ref refs/baton/rescue | grep -q hang || die "what the agent had done is lost"
systemctl stop "$own"
say "an agent as a service: work done, and given back when it is stopped"
