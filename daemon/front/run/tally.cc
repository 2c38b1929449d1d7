#include "front/run/tally.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "base/time.h"
#include "front/render.h"

namespace baton::front {
namespace {

constexpr std::int64_t k_ms_per_s = 1'000;
constexpr std::int64_t k_ms_per_minute = 60'000;
constexpr std::size_t k_shown_files = 3;

std::string seconds(std::int64_t ms) {
  if (ms >= 10 * k_ms_per_s) return format_duration((ms + k_ms_per_s / 2) / k_ms_per_s * k_ms_per_s);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1fs", static_cast<double>(ms) / k_ms_per_s);
  return text.data();
}

std::string times(double factor) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", factor);
  return text.data();
}

std::string files_of(const SubtaskView& subtask) {
  std::vector<std::string> files = subtask.files_modified;
  const std::size_t count = files.size();
  if (count > k_shown_files) files.resize(k_shown_files);
  return text::join(files, ", ") + (count > k_shown_files ? ", " + std::to_string(count - k_shown_files) + " more" : "");
}

std::string outcome_of(const SubtaskView& subtask) {
  if (subtask.status == "completed") return files_of(subtask);
  if (!subtask.skip_reason.empty()) return subtask.skip_reason;
  return subtask.failure;
}

std::string word_of(const SubtaskView& subtask) {
  if (subtask.status == "completed") return "done";
  if (subtask.status == "skipped") return "failed";
  return subtask.status == "pending" ? "not begun" : subtask.status;
}

double speed_up(const RunSummary& run, const Tally& tally) {
  return static_cast<double>(tally.total_ms()) / static_cast<double>(std::max<std::int64_t>(run.wall_ms, 1));
}

std::int64_t estimated_ms(const PlanView& plan) {
  std::int64_t minutes = 0;
  for (const SubtaskView& each : plan.subtasks) minutes += each.minutes;
  return minutes * k_ms_per_minute;
}

std::int64_t done(const PlanView& plan) { return std::ranges::count(plan.subtasks, "completed", &SubtaskView::status); }

Data data_of(const SubtaskView& subtask, const Tally::Work& work) {
  Data data;
  data.set("subtask_id", subtask.id).set("name", subtask.given_id.empty() ? subtask.id : subtask.given_id);
  data.set("title", subtask.title).set("status", subtask.status).set("worked_ms", work.ms).set("attempts", work.attempts);
  data.set("files_modified", subtask.files_modified).set("tokens_used", subtask.tokens_used);
  data.set_if("summary", subtask.summary).set_if("failure", subtask.failure).set_if("skip_reason", subtask.skip_reason);
  return data;
}

void say_data(Output& out, const RunSummary& run, const Tally& tally) {
  Data prompts = Data::array();
  for (const SubtaskView& each : run.plan.subtasks) prompts.push(data_of(each, tally.of(each.id)));
  Data data;
  data.set("task_id", run.plan.id).set("status", run.plan.status).set("exit_code", run.code).set("prompts", std::move(prompts));
  data.set("completed", done(run.plan)).set("wall_ms", run.wall_ms).set("worked_ms", tally.total_ms());
  data.set("estimated_sequential_ms", estimated_ms(run.plan)).set("conflicts_avoided", static_cast<std::int64_t>(run.kept_apart));
  data.set_if("branch", run.branch).set_if("integrated", run.integrated).set_if("to_go_on", run.how_to_go_on);
  out.data(data);
}

}  // namespace

void Tally::add(const AttemptEnd& end) {
  const std::scoped_lock lock(mutex_);
  Work& work = work_[end.job.subtask_id];
  work.ms += end.took_ms;
  ++work.attempts;
}

Tally::Work Tally::of(const std::string& subtask_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = work_.find(subtask_id);
  return found == work_.end() ? Work{} : found->second;
}

std::int64_t Tally::total_ms() const {
  const std::scoped_lock lock(mutex_);
  std::int64_t sum = 0;
  for (const auto& [id, work] : work_) sum += work.ms;
  return sum;
}

void say_summary(Output& out, const RunSummary& run, const Tally& tally) {
  say_data(out, run, tally);
  Table table({"PROMPT", "", "AT WORK", "TRIES", "FILES"});
  for (const SubtaskView& each : run.plan.subtasks) {
    const Tally::Work work = tally.of(each.id);
    table.row({each.given_id.empty() ? each.id : each.given_id, word_of(each), seconds(work.ms), std::to_string(work.attempts),
               outcome_of(each)},
              colour_of(each.status));
  }
  table.print(out, terminal_width());
  const auto all = static_cast<std::int64_t>(run.plan.subtasks.size());
  out.line(std::to_string(done(run.plan)) + " of " + counted(all, "prompt") + " done in " + seconds(run.wall_ms) +
           "; the agents were at work for " + seconds(tally.total_ms()) + ", " + times(speed_up(run, tally)) +
           " times as long; estimated one after the other: " + seconds(estimated_ms(run.plan)));
  if (run.kept_apart > 0) out.line("conflicts avoided: " + std::to_string(run.kept_apart));
  if (!run.branch.empty()) out.line("branch: " + text::printable(run.branch));
  if (!run.integrated.empty()) out.line(text::printable(run.integrated));
  if (!run.how_to_go_on.empty()) out.line(run.how_to_go_on);
}

}  // namespace baton::front
