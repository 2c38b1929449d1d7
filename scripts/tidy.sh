#!/bin/bash
# Runs clang-tidy (.clang-tidy) over the sources of daemon/, those of the last commit first, then the core.
#   scripts/tidy.sh [--changed COMMITS] [--budget SECONDS] [file...]
# --changed: only what the last COMMITS commits touched. No file is begun after the budget (default: none); the rest is counted.
set -euo pipefail
cd "$(dirname "$0")/.."

budget=86400
commits=
while [ $# -gt 0 ]; do
  case $1 in
    --changed) commits=$2; shift 2 ;;
    --budget) budget=$2; shift 2 ;;
    *) break ;;
  esac
done
[ -f build/dev/compile_commands.json ] || { cmake --preset dev && cmake --build --preset dev; } >/dev/null  # some headers are made by the build

# What commits touched and still stands, the newest first.
touched() { git log -n "$1" --format= --name-only --diff-filter=AM -- daemon 2>/dev/null | grep '\.cc$' | xargs -r ls -d 2>/dev/null || true; }

if [ $# -gt 0 ]; then
  files=("$@")
elif [ -n "$commits" ]; then
  mapfile -t files < <(touched "$commits" | awk '!seen[$0]++')
  [ ${#files[@]} -gt 0 ] || { echo "clang-tidy: the last $commits commits touched no source"; exit 0; }
else
  changed=$(touched 1)
  mapfile -t files < <(printf '%s\n' $changed daemon/{core,base,store,protocol,platform,service,*}/*.cc daemon/*.cc |
    awk '!seen[$0]++')
fi

verdicts=$(mktemp -d)
trap 'rm -rf "$verdicts"' EXIT
# Without the precompiled headers: a file that does not include what it uses is a finding, too.
sed 's/-Winvalid-pch\( -Xclang [^ ]*\)*//' build/dev/compile_commands.json >"$verdicts/compile_commands.json"
export verdicts deadline=$(($(date +%s) + budget))
check() {
  local mark=$verdicts/${1//\//_}
  if [ "$(date +%s)" -ge "$deadline" ]; then echo "$1" >"$mark.left"; return; fi
  if clang-tidy --quiet -p "$verdicts" "$1" >"$mark.out" 2>/dev/null; then touch "$mark.ok"; else touch "$mark.bad"; fi
}
export -f check
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check "$1"' _

find "$verdicts" -name '*.bad' | sort | while read -r bad; do cat "${bad%.bad}.out"; done
count() { find "$verdicts" -name "*.$1" | wc -l; }
echo "clang-tidy: $(count ok) of ${#files[@]} files clean, $(count bad) with findings, $(count left) not looked at (budget)"
[ "$(count bad)" -eq 0 ] && [ "$(count ok)" -gt 0 ]
