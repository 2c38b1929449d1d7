#!/bin/bash
# Boots a real systemd as process 1 of private namespaces, with no unit of this machine's, and runs check.sh beside it.
# Nothing outlives the test: its cgroup is killed and removed. Exit code 77 = skipped.
# usage: run.sh PROGRAM SOURCE_DIR UNITS_DIR    (the units written for /run/baton-test/bin)
set -euo pipefail

program=$(realpath "$1")
source=$(realpath "$2")
units=$(realpath "$3")
readonly program source units limit=300  # seconds without a word; the whole takes about 20

skip() {
  echo "SKIPPED: $*"
  exit 77
}

[[ $(id -u) == 0 ]] || skip "needs root, to make namespaces"
[[ -x /lib/systemd/systemd ]] || skip "needs systemd"
for tool in systemctl systemd-analyze systemd-sysusers systemd-tmpfiles unshare setpriv python3; do
  command -v "$tool" > /dev/null || skip "needs $tool"
done
unshare --pid --mount --cgroup --ipc --uts --fork --mount-proc true 2> /dev/null || skip "unshare is not permitted here"

work=$(mktemp -d)
cgroup=
booted=

clean_up() {
  if [[ -n $booted ]]; then
    { kill -KILL "$booted" && wait "$booted"; } 2> /dev/null || true
  fi
  if [[ -n $cgroup ]]; then
    echo 1 > "$cgroup/cgroup.kill"
    while grep -q 'populated 1' "$cgroup/cgroup.events"; do sleep 0.05; done
    find "$cgroup" -depth -type d -exec rmdir {} +
  fi
  ! mountpoint -q "$work/cgroup" || umount "$work/cgroup"
  rm -rf "$work"
}
trap clean_up EXIT

# A cgroup of its own, which systemd in the namespace takes for the root.
mkdir "$work/cgroup"
mount -t cgroup2 none "$work/cgroup" 2> /dev/null || skip "there is no cgroup2 here"
mkdir "$work/cgroup/baton-test-$$" 2> /dev/null || skip "no cgroup can be made here"
cgroup=$work/cgroup/baton-test-$$

mkfifo "$work/said"
exec 3<> "$work/said"
(
  echo "$BASHPID" > "$cgroup/cgroup.procs"
  exec unshare --pid --mount --cgroup --ipc --uts --fork --kill-child --mount-proc \
    bash "$source/tests/systemd/boot.sh" "$program" "$source" "$units" "$work" < /dev/null > "$work/boot.log" 2>&1
) &
booted=$!

# What the checks say is passed on as they say it; their last line is the verdict.
verdict="nothing was heard for $limit s"
while read -rt "$limit" -u 3 line; do
  if [[ $line == verdict:* ]]; then
    verdict=${line#verdict:}
    break
  fi
  echo "$line"
done
[[ $verdict != passed ]] || exit 0
echo "FAILED: $verdict"
for log in "$work"/*.log; do
  echo "--- ${log##*/}"
  tail -n 80 "$log"
done
exit 1
