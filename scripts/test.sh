#!/bin/bash
# Builds baton with the sanitizers on and runs its tests; installs first what is missing for that.
#   scripts/test.sh                     every test that is not labelled "long"
#   scripts/test.sh --label long        only the tests with this label
#   scripts/test.sh --preset release    another preset of CMakePresets.json (default: dev)
set -euo pipefail
cd "$(dirname "$0")/.."

preset=dev
selection=(--label-exclude '^long$')
while [ $# -gt 0 ]; do
  case "$1 ${2-}" in
    "--preset "?*) preset=$2; shift 2 ;;
    "--label "?*) selection=(--label-regex "^$2\$"); shift 2 ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

scripts/dependencies.sh
cmake --preset "$preset"
cmake --build --preset "$preset"

export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
# Tests over the real program wait for it more than they compute.
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(($(nproc) + 2))" "${selection[@]}"
