#!/bin/bash
# Lays out every C++ source by .clang-format; with --check only says which ones differ, and fails if any does.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1-}" in
  "") mode=(-i) ;;
  --check) mode=(--dry-run -Werror) ;;
  *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
mapfile -d '' sources < <(find daemon tests -type f \( -name '*.cc' -o -name '*.h' \) -print0 | sort -z)
[ ${#sources[@]} -gt 0 ] || { echo "format.sh: no sources found" >&2; exit 1; }
printf '%s\0' "${sources[@]}" | xargs -0 -n 20 -P "$(nproc)" clang-format "${mode[@]}"
echo "${#sources[@]} files"
