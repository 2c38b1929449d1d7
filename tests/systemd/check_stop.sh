# A stop is a clean end, and the feed says so.

systemctl stop $service
is_state $service inactive || die "$service is $(systemctl is-active $service) after its stop"
has $service Result success && has $service ExecMainStatus 0 ||
  die "$service stopped with $(property $service Result), $(property $service ExecMainStatus)"
must "the feed" python3 ./feed.py $folder/dashboard-events.jsonl last=daemon_stopped
say "stopped: exit code 0, daemon_stopped is the feed's last line"
