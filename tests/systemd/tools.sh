# What check_*.sh share. Every wait is for a condition, with a limit that only a broken program reaches.

readonly units=$stage/units baton=$stage/bin/baton patience=60  # seconds

die() {
  echo "verdict:$*"
  trap - EXIT
  exit 1
}

say() { echo "$(printf '%4d' "$SECONDS") s  $*"; }

until_true() { # DESCRIPTION COMMAND...
  local what=$1 end=$((SECONDS + patience))
  shift
  until "$@"; do
    ((SECONDS < end)) || die "$what: not within $patience s"
    sleep 0.05
  done
}

must() { # DESCRIPTION COMMAND...
  local what=$1
  shift
  "$@" || die "$what"
}

property() { systemctl show --value --property "$2" "$1"; } # UNIT NAME
has() { [[ $(property "$1" "$2") == "$3" ]]; }              # UNIT NAME VALUE
is_state() { [[ $(systemctl is-active "$1") == "$2" ]]; }   # UNIT STATE

drop_in() { # UNIT NAME, the text on standard input
  mkdir -p "$units/$1.d"
  cat > "$units/$1.d/$2.conf"
}

# USER FOLDER ID [MORE]: hands in a task like anybody would: hidden name first, then rename.
drop_task() {
  local queue=$2/task-queue.d
  setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups bash -c "umask 007; cat > '$queue/.$3' && mv '$queue/.$3' '$queue/$3.json'" \
    <<< "{\"id\": \"$3\", \"title\": \"Fix the wording of the page $3\", \"assigned_to\": \"development\"${4:+, $4}}"
}

handoff() { echo "$1/masters/development/handoffs/to-development-subtask-$2.json"; } # FOLDER ID
