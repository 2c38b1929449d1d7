# baton@alice.service: her own folder, her own user; active only when the daemon is ready.

readonly own=baton@alice.service home=$stage/alice
install -d -o alice -g "$(id -g alice)" -m 700 "$home"

# Without a coordination folder: exit code 3, which no restart mends.
! systemctl start "$own" || die "$own started without a coordination folder"
has "$own" ExecMainStatus 3 || die "$own ended with $(property "$own" ExecMainStatus) instead of 3"
is_state "$own" failed && has "$own" NRestarts 0 || die "$own is restarted although that cannot help"
say "without a folder it fails once, and is left alone"

setpriv --reuid alice --regid "$(id -g alice)" --clear-groups env -C "$home" "$baton" init > /dev/null
drop_task alice "$home/coordination" own-1

# A gate before the daemon, so that its start lasts as long as we like.
mkfifo -m 666 "$stage/gate"
drop_in "$own" gate << EOF
[Service]
ExecStart=
ExecStart=/bin/bash -c 'read < $stage/gate; exec $baton daemon'
EOF
systemctl daemon-reload
systemctl reset-failed "$own"
systemctl start --no-block "$own"
until_true "$own starts" has "$own" SubState start
is_state "$own" activating || die "$own is $(systemctl is-active "$own") before the daemon is ready"
echo > "$stage/gate"
until_true "$own is active" is_state "$own" active
has "$own" StatusText "0 live tasks" || has "$own" StatusText "1 live tasks" || die "$own says: $(property "$own" StatusText)"
until_true "the task is handed out" test -e "$(handoff "$home/coordination" own-1)"
[[ $(stat -c '%a %U' "$(handoff "$home/coordination" own-1)") == "600 alice" ]] || die "the handoff is not alice's alone"
systemctl stop "$own"
has "$own" Result success || die "$own stopped with $(property "$own" Result)"
say "activating until the daemon is ready, then active; her task is handed out"
