#!/bin/bash
# Installs the Debian packages that building and testing baton needs, and nothing that is already there.
#   scripts/dependencies.sh        what the build and the tests need; the tests are built by clang, whose sanitizers compile
#                                  in half the time
#   scripts/dependencies.sh ci     also clang's tools, coverage, systemd, and what benchmarks measure against
# Quiet and instant when nothing is missing.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config ccache nlohmann-json3-dev libspdlog-dev libsqlite3-dev libsimdjson-dev
       libvalijson-dev libexpected-dev libcli11-dev libxxhash-dev)
test=(clang libclang-rt-14-dev doctest-dev git python3 python3-jsonschema strace)
ci=(clang-tidy clang-format llvm-14 systemd task-spooler)

wanted=("${build[@]}" "${test[@]}")
for group in "$@"; do
  case $group in
    ci) wanted+=("${ci[@]}") ;;
    *) echo "dependencies.sh: unknown group \"$group\" (known: ci)" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "dependencies.sh: this is no Debian; install by your own means what these packages hold: ${wanted[*]}" >&2
  exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "dependencies.sh: become root or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1; }
install() { apt install -y --no-install-recommends "${missing[@]}"; }

echo "installing ${missing[*]}"
# Package lists that are absent or out of date show as a failed install; only then are they fetched.
if ! install && ! { apt update && install; }; then
  cat "$log" >&2
  echo "dependencies.sh: cannot install ${missing[*]}" >&2
  exit 1
fi
