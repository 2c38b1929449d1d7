#include "service/check_jobs.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "core/validation.h"
#include "service/arriving.h"
#include "service/working_folder.h"

namespace baton::service {

namespace {

constexpr std::size_t k_head_bytes = 4 * 1'024;
constexpr std::size_t k_tail_bytes = 12 * 1'024;  // the end of what a test suite prints says most

/// Bytes of a letter that was cut off at the end (or the beginning) are left out.
std::string_view without_cut_end(std::string_view bytes) {
  for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
    if (byte < 0x80) break;
    if (byte >= 0xc0) return text::is_utf8(bytes.substr(bytes.size() - back)) ? bytes : bytes.substr(0, bytes.size() - back);
  }
  return bytes;
}

std::string_view without_cut_begin(std::string_view bytes) {
  for (int n = 0; n < 3 && !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0xc0) == 0x80; ++n)
    bytes.remove_prefix(1);
  return bytes;
}

std::string output_of(const platform::Exit& exit) {
  if (exit.left_out == 0) return text::escape_non_utf8(exit.output + exit.output_tail);
  return text::escape_non_utf8(without_cut_end(exit.output)) + "\n[... " + std::to_string(exit.left_out) +
         " bytes are left out here ...]\n" + text::escape_non_utf8(without_cut_begin(exit.output_tail));
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? std::to_string(number) : "SIG" + std::string(name);
}

std::string reason_of(const JobEnd& end, const protocol::Check& check) {
  switch (end.how) {
    case JobEnd::How::exited: return end.exit.code == 0 ? "" : "it ended with exit code " + std::to_string(end.exit.code);
    case JobEnd::How::signalled: return "it was ended by " + signal_name(end.exit.code - 128);
    case JobEnd::How::timed_out: return "the check did not end within " + format_duration(check.timeout_ms);
    case JobEnd::How::not_started: return end.error.message;
  }
  return "";
}

std::string word_for(JobEnd::How how) {
  switch (how) {
    case JobEnd::How::exited: return "exit_code";
    case JobEnd::How::signalled: return "signal";
    case JobEnd::How::timed_out: return "time_limit";
    case JobEnd::How::not_started: return "not_started";
  }
  return "";
}

}  // namespace

std::string check_key(const std::string& subject, int epoch) { return subject + ".e" + std::to_string(epoch); }

core::CheckFinished check_finished(CheckDone done, World& world) {
  const std::size_t dot = done.key.rfind(".e");
  BATON_ASSERT(dot != std::string::npos);
  core::CheckFinished finished;
  finished.subject = done.key.substr(0, dot);
  finished.epoch = std::stoi(done.key.substr(dot + 2));
  finished.result.passed = done.passed;
  if (!done.passed) finished.result.reason = word_for(done.how);
  finished.result.message = std::move(done.reason);
  finished.result.command = std::move(done.command);
  finished.result.exit_code = done.exit_code;
  finished.result.output = std::move(done.output);
  finished.result.took_ms = done.took_ms;
  const bool whole_task = world.core.subtask(finished.subject) == nullptr;
  if (whole_task && !done.passed) finished.taken_ids = taken_ids(world, core::fix_ids(finished.subject));
  return finished;
}

CheckJobs::CheckJobs(World& world)
    : world_(world), pool_(world, "check", k_max_checks, [this](const std::string& key) { return order(key); }) {}

void CheckJobs::run(const std::string& key, protocol::Check check, std::string root) {
  Work work{std::move(check), std::move(root), 0, -1};
  std::deque<std::string>& lane = lanes_[work.lane()];
  work_.insert_or_assign(key, std::move(work));
  lane.push_back(key);
  if (lane.size() == 1) pool_.ask(key);
}

void CheckJobs::refuse(const std::string& key, std::string reason) {
  CheckDone done;
  done.key = key;
  done.how = JobEnd::How::not_started;
  done.reason = std::move(reason);
  done_.push_back(std::move(done));
  pool_.forget(key);
}

void CheckJobs::stop(const std::string& key) {
  const auto work = work_.find(key);
  pool_.stop(key);
  if (work == work_.end()) return;
  const std::string lane = work->second.lane();
  work_.erase(work);
  leave_lane(key, lane);
}

/// The next one begins when the first one goes.
void CheckJobs::leave_lane(const std::string& key, const std::string& folder) {
  std::deque<std::string>& lane = lanes_[folder];
  const bool was_first = !lane.empty() && lane.front() == key;
  std::erase(lane, key);
  if (lane.empty())
    lanes_.erase(folder);
  else if (was_first)
    pool_.ask(lane.front());
}

Result<std::optional<JobOrder>> CheckJobs::order(const std::string& key) {
  Work& work = work_.at(key);
  if (work.begun_ms < 0) work.begun_ms = world_.now.boot_ms;
  JobOrder order;
  TRY_VALUE(order.cwd, working_folder(work.root, work.check.cwd));
  order.argv = work.check.commands.at(work.next);
  order.timeout_ms = work.begun_ms + work.check.timeout_ms - world_.now.boot_ms;
  if (order.timeout_ms <= 0) return fail(ErrorCode::timed_out, "no time is left for this command");
  order.head = k_head_bytes;
  order.tail = k_tail_bytes;
  order.joined = true;
  return order;
}

void CheckJobs::ended(JobEnd end) {
  Work& work = work_.at(end.key);
  if (end.how == JobEnd::How::not_started && end.error.code == ErrorCode::timed_out) end.how = JobEnd::How::timed_out;
  const bool passed = end.how == JobEnd::How::exited && end.exit.code == 0;
  if (passed && work.next + 1 < work.check.commands.size()) {
    ++work.next;
    return pool_.ask_again(end.key);
  }
  CheckDone done;
  done.key = end.key;
  done.passed = passed;
  done.how = end.how;
  done.reason = reason_of(end, work.check);
  done.command = work.check.commands.at(work.next);
  if (end.how == JobEnd::How::exited) done.exit_code = end.exit.code;
  if (end.how == JobEnd::How::signalled) done.signal = end.exit.code - 128;
  done.output = output_of(end.exit);
  done.took_ms = world_.now.boot_ms - work.begun_ms;
  done_.push_back(std::move(done));
  const std::string lane = work.lane();
  work_.erase(end.key);
  pool_.sweep(end.key);  // a server that it has left would be in the way of the next one
  pool_.forget(end.key);
  leave_lane(end.key, lane);
}

void CheckJobs::take(Turn& turn) {
  pool_.take(turn, [this](JobEnd end) { ended(std::move(end)); });
}

}  // namespace baton::service
