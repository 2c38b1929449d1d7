#!/bin/bash
# Measures the figures of docs/performance.md and prints them as one table; installs first what is missing for that.
#   scripts/bench.sh [--short] [figure...]    figures: drop throughput queue memory idle command_line restart exit mass_exit heartbeats verdicts agents worktrees chaos (default: all)
# Exit 1 when an aim is missed. Files are made below $TMPDIR (default /tmp): it should lie on the disk that is meant.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/dependencies.sh
cmake --preset release >/dev/null
cmake --build --preset release --target baton baton_bench >/dev/null

folder=${TMPDIR:-/tmp}
printf '%s, %s cores, Linux %s, %s on %s, load %s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
  "$(uname -r)" "$(stat -f -c %T "$folder")" "$folder" "$(cut -d' ' -f1-3 /proc/loadavg)"
exec build/release/tests/bench/baton_bench "$@"
