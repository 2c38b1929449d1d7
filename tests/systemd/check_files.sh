# The files as such: snippets, units, the sandbox's score.

systemd-sysusers "$stage/shipped/sysusers.d/baton.conf"
systemd-sysusers - <<< $'u alice - "" /run/baton-test/alice\nm alice baton'
systemd-tmpfiles --create "$stage/shipped/tmpfiles.d/baton.conf"
[[ $(stat -c '%a %U %G' /var/lib/baton/journal) == "750 baton baton" ]] || die "tmpfiles: journal/ is $(stat -c '%a %U %G' /var/lib/baton/journal)"
say "sysusers and tmpfiles make the user and the folders"

problems=$(systemd-analyze verify --man=no "$units"/baton{,-init,@alice}.service 2>&1) || die "systemd-analyze verify: $problems"
[[ -z $problems ]] || die "systemd-analyze verify: $problems"
problems=$(systemd-analyze verify --man=no "$units"/baton-work@development.service 2>&1) || die "systemd-analyze verify: $problems"
[[ -z $problems ]] || die "systemd-analyze verify: $problems"
say "systemd-analyze verify finds nothing"

# THRESHOLD is ten times the exposure.
systemd-analyze security --no-pager --offline=yes --threshold=20 "$units/baton.service" > "$stage/security" ||
  die "the sandbox: $(tail -n 1 "$stage/security")"
say "$(tail -n 1 "$stage/security" | tr -cd '[:print:]')"
