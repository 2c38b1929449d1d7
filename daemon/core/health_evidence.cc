// The sentences that a verdict on a worker rests on.
#include <algorithm>

#include "base/time.h"
#include "core/health.h"

namespace baton::core {
namespace {

/// "850 ms", "45 s", "21 min", "2 h 5 min".
std::string spoken(std::int64_t ms) {
  if (ms < 1000) return std::to_string(std::max<std::int64_t>(ms, 0)) + " ms";
  const std::int64_t seconds = ms / 1000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h" + (minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + " min");
}

/// "12.4 s"
std::string seconds(std::int64_t ms) { return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s"; }

std::string whose_cpu(int processes) {
  return processes > 1 ? "CPU time of its " + std::to_string(processes) + " processes" : "CPU time of its process";
}

}  // namespace

void Liveness::add_silence(std::int64_t now, std::vector<std::string>& sentences) const {
  if (trace_ == WorkerTrace::none)
    sentences.push_back("it was claimed " + spoken(now - claimed_at_) + " ago, and no worker was ever seen");
  else if (was_heard_)
    sentences.push_back("no heartbeat for " + spoken(now - heard_at_));
  else
    sentences.push_back("no heartbeat since it was first seen " + spoken(now - heard_at_) + " ago");
  if (trace_ == WorkerTrace::remote) sentences.emplace_back("it runs on another host: only its heartbeats can be seen");
  if (!is_looked_at() || !motion_) return;
  const WorkerLook& look = motion_->look;
  if (look.stopped) sentences.emplace_back("its process is stopped by a signal");
  if (look.cpu_ms)
    sentences.push_back(whose_cpu(look.processes) + " stood still at " + seconds(*look.cpu_ms) + " for " +
                        spoken(now - motion_->cpu_since));
  if (look.files)
    sentences.push_back("nothing changed under " + look.files_place + " for " + spoken(now - motion_->files_since) +
                        (look.files_changed_at == 0 ? "" : " (last change " + format_utc(look.files_changed_at) + ")"));
  if (look.output_bytes)
    sentences.push_back("its output stood at " + std::to_string(*look.output_bytes) + " bytes for " +
                        spoken(now - motion_->output_since));
  if (!look.whole) sentences.emplace_back("there was more than could be looked at");
  if (!look.cpu_ms && !look.files && !look.output_bytes && trace_ == WorkerTrace::local)
    sentences.emplace_back("it named no process, no worktree and no files that could be looked at");
}

std::vector<std::string> Liveness::evidence(std::int64_t now, const std::string& reason) const {
  std::vector<std::string> sentences;
  if (reason == "exited") {
    sentences.push_back(exit_ + ", and no result came within " + spoken(now - *exited_at_));
    return sentences;
  }
  if (reason == "time_limit")
    sentences.push_back("claimed " + spoken(now - claimed_at_) + " ago; its time limit is " + spoken(limits_.time_limit));
  if (reason != "time_limit" || now - heard_at_ >= limits_.heartbeat_timeout) add_silence(now, sentences);
  return sentences;
}

}  // namespace baton::core
