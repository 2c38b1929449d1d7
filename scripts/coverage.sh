#!/bin/bash
# Line coverage of core/, protocol/ and store/ by the tests of these folders; fails when one of them is below 90 %.
#   scripts/coverage.sh [PRESET]    coverage (default), or dev, whose build has the counters too
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-coverage}
least=90
folders=(core protocol store)
build=build/$preset
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --target "${folders[@]/%/_test}"

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
names=$(IFS='|'; echo "${folders[*]}")
LLVM_PROFILE_FILE=$counts/%p.profraw ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(nproc)" \
  --tests-regex "^($names)\$" >"$counts/log" 2>&1 || { cat "$counts/log"; exit 1; }
llvm-profdata-14 merge -sparse "$counts"/*.profraw -o "$counts/all"

programs=("$build/tests/${folders[0]}/${folders[0]}_test")
for folder in "${folders[@]:1}"; do programs+=(-object "$build/tests/$folder/${folder}_test"); done
llvm-cov-14 export -summary-only -instr-profile "$counts/all" "${programs[@]}" >"$counts/summary.json"
python3 - "$counts/summary.json" $least "${folders[@]}" <<'END'
import json, re, sys
summary, least, folders = json.load(open(sys.argv[1])), float(sys.argv[2]), sys.argv[3:]
lines = {folder: [0, 0] for folder in folders}
files = summary["data"][0]["files"]
for file in files:
    # What ccache kept of another clone carries that clone's folder, so only the end of a name counts.
    found = re.search(r"(?:^|/)(daemon/([a-z]+)/[^/]+)$", file["filename"])
    if not found or found[2] not in lines:
        continue
    path, folder = found.groups()
    counts = file["summary"]["lines"]
    lines[folder][0] += counts["covered"]
    lines[folder][1] += counts["count"]
    if counts["percent"] < least:
        print(f"{counts['percent']:6.1f} %  {path}")
lines["all"] = [sum(pair[i] for pair in lines.values()) for i in (0, 1)]
if not lines["all"][1]:
    sys.exit("no file of these folders was counted; the first names counted: " + ", ".join(f["filename"] for f in files[:3]))
for name, (covered, count) in lines.items():
    print(f"{100 * covered / count:6.1f} %  {name}: {covered} of {count} lines")
sys.exit(any(100 * covered < least * count for covered, count in lines.values()))
END
