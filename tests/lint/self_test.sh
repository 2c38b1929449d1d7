#!/bin/bash
# Shows that run.sh finds what it is there to find: a tree that keeps the rules passes, and each breach alone fails it.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh_tree() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/daemon/{unheard_of,base,core,protocol,platform,store,service,front/verbs} "$tree"/tests/core "$tree"/scripts "$tree"/cmake "$tree"/docs
  printf '## Events\n\n| `task_received`, `task_rejected` | `title` |\n\n## Commands\n\n| `task_vanished` | |\n' >"$tree/docs/protocol.md"
  echo '#include "base/result.h"' >"$tree/daemon/core/model.h"
  # Words that only look like a breach.
  cat >"$tree/daemon/platform/process.cc" <<'CODE'
// Never fork(): see system(3).
#include "base/result.h"
const char* k_text = "system(\"x\") popen( fork( // fork(";
bool file_system(int); bool is = file_system(1) && loop.fork(2);
static_assert(sizeof(int) == 4);
CODE
  printf 'x\n%.0s' $(seq 500) >"$tree/daemon/base/result.h"
}

passes() {
  "$here/run.sh" "$tree" >"$tree/answer" 2>&1 && return
  echo "should pass: $1"; cat "$tree/answer"; failures=$((failures + 1))
}

breach() {  # breach FILE TEXT: this text in this file is found, by name
  fresh_tree
  printf '%b\n' "$2" >>"$tree/$1"
  if "$here/run.sh" "$tree" >"$tree/answer" 2>&1 || ! grep -q "^$1:" "$tree/answer" || ! grep -q '^lint: 1 breaches' "$tree/answer"; then
    echo "not found: '$2' in $1"; cat "$tree/answer"; failures=$((failures + 1))
  fi
}

fresh_tree
passes "a tree that keeps the rules"
echo '#include "platform/files.h"' >"$tree/daemon/protocol/readers.h"
passes "protocol may read files through platform/files.h"
echo '#include "core/event.h"' >"$tree/daemon/store/store.h"
passes "store may know the core's records"
echo '#include "service/daemon.h"' >"$tree/daemon/front/verbs/daemon.cc"
echo '#include "core/orchestrator.h"' >"$tree/daemon/front/verbs/plan.cc"
passes "the verbs that reach further"

printf '  tell(known ? "task_received" : "task_rejected", task, {{"old_epoch", 1}});\n  FeedEntry{\n      "task_received", "",\n' >"$tree/daemon/core/flow.cc"
passes "the feed is told what the documentation has"

breach daemon/core/flow.cc '  tell("task_vanished", task);'
breach daemon/core/flow.cc '  tell(known ? "task_received" : "task_vanished", task);'
breach daemon/service/feed.cc '  turn.say({"task_vanished", "", ""});'
breach daemon/core/flow.cc '  changes.push_back(FeedEntry{\n      "task_vanished", ""});'
breach daemon/base/text.cc '#include "core/model.h"'
breach daemon/core/graph.cc '#include "protocol/paths.h"'
breach daemon/core/graph.cc '#include "graph.h"'
breach daemon/core/graph.cc '#include <fstream>'
breach daemon/core/graph.cc '#include <sys/stat.h>'
breach daemon/core/graph.cc '  std::fprintf(stderr, "x");'
breach daemon/core/graph.cc '  const auto now = std::chrono::steady_clock::now();'
breach daemon/protocol/door.cc '#include "platform/loop.h"'
breach daemon/platform/lock.cc '#include "core/model.h"'
breach daemon/store/store.cc '#include "protocol/paths.h"'
breach daemon/service/daemon.cc '#include "front/front.h"'
breach daemon/front/front.cc '#include "service/daemon.h"'
breach daemon/front/verbs/list.cc '#include "core/orchestrator.h"'
breach daemon/front/verbs/plan.cc '#include "core/scheduler.h"'
breach daemon/front/verbs/daemon.cc '#include "store/store.h"'
breach daemon/unheard_of/a.cc '#include "base/result.h"'
breach daemon/front/front.cc '  if (system("ls")) return;'
breach daemon/front/front.cc '  auto* p = ::popen (command, mode);'
breach daemon/service/jobs.cc '  const pid_t child = fork();'
breach daemon/service/jobs.cc '  assert(child > 0);'
breach daemon/front/front.cc '// TODO: later'
breach tests/core/graph_test.cc '  std::this_thread::sleep_for(10ms);'
breach tests/core/graph_test.cc '  usleep(10);'
breach daemon/base/result.h 'line 501'

fresh_tree
rm -rf "${tree:?}"/daemon "$tree"/tests
"$here/run.sh" "$tree" >/dev/null 2>&1 && { echo "an empty tree passes"; failures=$((failures + 1)); }

[ $failures -eq 0 ] && echo "lint finds each breach"
exit $((failures > 0))
