#!/bin/bash
# Becomes process 1 of the test's namespaces: private /etc, /run, /var/lib and cgroups, the units under test, then systemd.
# usage: boot.sh PROGRAM SOURCE_DIR UNITS_DIR WORK_DIR
set -euo pipefail

readonly program=$1 source=$2 units=$3 work=$4 stage=/run/baton-test

mount --make-rprivate /
mount -t cgroup2 none /sys/fs/cgroup

mkdir "$work/etc" "$work/stage"
mount -t tmpfs -o mode=755 none "$work/etc"
for name in passwd group shadow gshadow nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d alternatives; do
  [[ ! -e /etc/$name ]] || cp -a "/etc/$name" "$work/etc/"
done
tr -d - < /proc/sys/kernel/random/uuid > "$work/etc/machine-id"

# All that is needed later is copied: where it lies may be hidden from now on.
mount -t tmpfs -o mode=755 none "$work/stage"
mkdir "$work"/stage/{bin,doc,none}
install -m 755 "$program" "$work/stage/bin/baton"
cp -r "$source/systemd" "$work/stage/shipped"
cp -r "$source/tests/systemd" "$work/stage/test"
cp -r "$units" "$work/stage/units"
cp "$source"/tests/systemd/units/*.target "$work/stage/units/"
touch "$work/stage/doc/operations.md"
mkfifo "$work/kmsg"

mount --move "$work/etc" /etc
mount -t tmpfs -o mode=755 none /run
mkdir "$stage"
mount --move "$work/stage" "$stage"
mount -t tmpfs -o mode=755 none /var/lib
mount --bind "$work/kmsg" /dev/kmsg
cat <> /dev/kmsg > "$work/systemd.log" &

export SYSTEMD_UNIT_PATH=$stage/units
bash "$stage/test/check.sh" "$stage" > "$work/said" 2> "$work/check.log" &

# The variable `container` tells systemd to leave alone what is the machine's: clock, modules, host name.
exec env -i container=baton-test PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$SYSTEMD_UNIT_PATH" \
  SYSTEMD_GENERATOR_PATH="$stage/none" SYSTEMD_ENVIRONMENT_GENERATOR_PATH="$stage/none" \
  /lib/systemd/systemd --system --unit=baton-test.target --log-target=kmsg --log-level=info --show-status=no
