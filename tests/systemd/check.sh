#!/bin/bash
# Runs beside the booted systemd; what it prints is shown, the last line is `verdict:passed` or the reason.
# usage: check.sh STAGE_DIR
set -euo pipefail

readonly stage=$1
cd "$stage/test"
. ./tools.sh
trap 'die "check.sh ended at line $LINENO"' EXIT

until_true "systemd is up" systemctl is-system-running --quiet
. ./check_files.sh
. ./check_own.sh
. ./check_work.sh
. ./check_shared.sh
. ./check_commands.sh
. ./check_stop.sh
trap - EXIT
echo "verdict:passed"
