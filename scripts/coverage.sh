#!/bin/bash
# Line coverage of core/, protocol/ and store/ by the tests of these folders; fails below 90 %.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=(core protocol store)
build=build/coverage
cmake --preset coverage >/dev/null
cmake --build --preset coverage --target "${folders[@]/%/_test}"
find $build -name '*.gcda' -delete  # counts of an earlier run would be added to these
names=$(IFS='|'; echo "${folders[*]}")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
ctest --test-dir $build --output-on-failure --no-tests=error --parallel "$(nproc)" --tests-regex "^($names)\$" >"$log" 2>&1 ||
  { cat "$log"; exit 1; }
gcovr --root . $build/daemon $build/tests -j "$(nproc)" "${folders[@]/#/--filter=daemon/}" --print-summary --fail-under-line 90
