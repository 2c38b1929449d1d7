#!/bin/bash
# What the architecture promises and no compiler checks. Prints one line per breach; fails if there is any.
#   run.sh [root]    root: the source tree to look at (default: the one this file lies in)
set -uo pipefail
export LC_ALL=C.UTF-8
cd "${1:-$(dirname "$0")/../..}" || exit 2
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT

sources() { find "$@" -type f \( -name '*.cc' -o -name '*.h' \) 2>/dev/null | sort; }
report() { sed "s|\$|   <- $1|" >>"$breaches"; }

# file:line:text of what the compiler sees, comments and the insides of string literals blanked out.
code_of() {
  sources "$@" | xargs -r awk '{
    line = $0
    gsub(/\\./, "", line); gsub(/"[^"]*"/, "\"\"", line); sub(/\/\/.*/, "", line)
    print FILENAME ":" FNR ":" line
  }'
}

# Which headers a folder of daemon/ may include. A folder that is not named here may include nothing.
may_include() {
  case $1 in
    base) echo 'base/' ;;
    core) echo '(base|core)/' ;;
    protocol) echo '(base|core|protocol|embedded)/|platform/files\.h' ;;
    platform) echo '(base|platform)/' ;;
    store) echo '(base|core|platform|store)/' ;;
    service) echo '(base|core|protocol|platform|store|service|embedded)/' ;;
    runner) echo '(base|platform|runner)/' ;;
    front) echo '(base|protocol|platform|front|embedded)/|core/(model|settings)\.h' ;;
    *) echo '(nothing)' ;;
  esac
}

# The verbs that reach further than the folder that they lie in: to the core for a plan that nobody has asked the daemon for, to
# the service to be the daemon, to the runner to do the work.
reaches_further='^daemon/front/verbs/(plan\.cc:[0-9]+:#include "core/orchestrator\.h"|daemon\.cc:[0-9]+:#include "service/daemon\.h"|restore\.cc:[0-9]+:#include "service/restore_backup\.h")|^daemon/front/(work|run)/[a-z_]+\.(cc|h):[0-9]+:#include "runner/'

for folder in daemon/*/; do
  name=$(basename "$folder")
  sources "$folder" | xargs -r grep -HnE '^ *# *include +"' | grep -vE "#include \"($(may_include "$name"))" |
    grep -vE "$reaches_further" |
    report "$name/ may not include this (architecture.md, Folders)"
done

core_free_of='<(chrono|ctime|fstream|filesystem|iostream|random|thread|mutex|future|unistd\.h|fcntl\.h|sys/[a-z]+\.h|spdlog/.*|nlohmann/.*|sqlite3\.h)>'
sources daemon/core | xargs -r grep -HnE "^ *# *include +$core_free_of" | report "core/ knows no clock, file, process, log or random source"

code_of daemon/core | grep -E '(^|[^A-Za-z0-9_])(printf|fprintf|puts|fopen|getenv|time|rand) *\(|_clock::now' |
  report "core/ knows no clock, file, process, log or random source"

code_of daemon | grep -E '(^|[^A-Za-z0-9_.>])(std::)?(system|popen|v?fork) *\(' |
  report "no shell and no fork: a process is started by platform/process.h"

code_of tests | grep -E '\b(sleep_for|sleep_until|usleep|nanosleep|sleep) *\(' | report "tests wait for a condition, not for time"

code_of daemon tests | grep -E '\b(assert|abort) *\(' | grep -vE '^daemon/base/result\.cc:|static_assert' |
  report "BATON_ASSERT stays on in release"

# The first argument of whatever tells the feed something, up to its comma, may stand on the next line. Types have an underscore.
told=$(sed -n '/^## Events/,/^## [^E]/p' docs/protocol.md 2>/dev/null | grep '^| `' | cut -d'|' -f2 | grep -oE '[a-z]+(_[a-z]+)+')
sources daemon | xargs -r awk -v told="$told" '
  BEGIN { split(told, words, /[[:space:]]+/); for (i in words) known[words[i]] = 1 }
  FNR == 1 { open = 0 }
  {
    line = $0
    sub(/\/\/.*/, "", line)
    if (!open && match(line, /(tell|tell_master|say)\(|FeedEntry *(entry)?\{/)) { open = 1; line = substr(line, RSTART + RLENGTH) }
    if (!open) next
    if ((comma = index(line, ",")) > 0) { open = 0; line = substr(line, 1, comma - 1) }
    if (line ~ /[;)]/) open = 0
    while (match(line, /"[a-z]+(_[a-z]+)+"/)) {
      type = substr(line, RSTART + 1, RLENGTH - 2)
      if (!(type in known)) print FILENAME ":" FNR ": " type
      line = substr(line, RSTART + RLENGTH)
    }
  }' | report "every type of the feed stands in docs/protocol.md, Events"

find daemon tests scripts cmake .ci schemas systemd -type f \( -name '*.md' -o -name '*.cc' -o -name '*.h' -o -name '*.sh' -o -name '*.cmake' \
  -o -name '*.in' -o -name run -o -name CMakeLists.txt \) -exec grep -HnE '\b(TODO|FIXME|XXX)\b' {} + 2>/dev/null |
  grep -v '^tests/lint/' | report "finish it or leave it out"

k_max_lines=500
find daemon tests scripts cmake -type f \( -name '*.cc' -o -name '*.h' -o -name '*.sh' -o -name '*.cmake' \) -exec wc -l {} \; |
  awk -v max=$k_max_lines '$1 > max { print $2 ": " $1 " lines" }' | report "at most $k_max_lines lines in a file"

looked_at=$(sources daemon tests | wc -l)
[ "$looked_at" -gt 0 ] || { echo "lint: no sources under $PWD" >&2; exit 2; }
if [ -s "$breaches" ]; then
  cat "$breaches"
  echo "lint: $(wc -l <"$breaches") breaches in $looked_at files"
  exit 1
fi
echo "lint: $looked_at files keep the rules"
