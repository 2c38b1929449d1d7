#include "core/script.h"

#include <sstream>

#include "base/text.h"
#include "base/time.h"
#include "core/child_task.h"

namespace baton::core {
namespace {

std::string show(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return text->find(' ') == std::string::npos ? *text : '"' + *text + '"';
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return "[" + text::join(std::get<std::vector<std::string>>(value), ", ") + "]";
}

struct Teller {
  std::string operator()(const AcceptInput& it) const { return "accept " + it.input.path; }
  std::string operator()(const RefuseInput& it) const {
    std::string line = "refuse " + it.input.path + ": " + it.error.message;
    if (!it.error.hint.empty()) line += " [" + it.error.hint + "]";
    return line;
  }
  std::string operator()(const AnswerCommand& it) const { return std::string(it.ok ? "ok: " : "no: ") + it.message; }
  std::string operator()(const PublishHandoff& it) const { return "publish " + it.subtask_id + " e" + std::to_string(it.epoch); }
  std::string operator()(const RetireHandoff& it) const {
    return "retire " + it.subtask_id + " e" + std::to_string(it.epoch) + " of " + it.master +
           (it.answered ? ", answered" : ", withdrawn");
  }
  std::string operator()(const RetireWorker& it) const {
    std::string line = "retire worker " + it.worker_id + " to " + it.folder;
    if (it.verdict) line += ", " + std::string(name(it.verdict->state)) + ": " + it.verdict->reason;
    return line;
  }
  std::string operator()(const LookAtWorker& it) const {
    return "look at " + (it.worker_id.empty() ? "whoever works" : it.worker_id) + " on " + it.subtask_id + " e" +
           std::to_string(it.epoch);
  }
  std::string operator()(const EndWorker& it) const {
    return "end " + it.worker_id + " of " + it.subtask_id + " e" + std::to_string(it.epoch);
  }
  std::string operator()(const AskPlanner& it) const { return "ask planner for " + it.task_id; }
  std::string operator()(const ProposeSplit& it) const {
    return "propose a split of " + it.subtask_id + " e" + std::to_string(it.epoch);
  }
  std::string operator()(const ProposeChild& it) const {
    return "propose a child task for " + it.subtask_id + " e" + std::to_string(it.epoch);
  }
  std::string operator()(const RunCheck& it) const { return "run check of " + it.subject + " e" + std::to_string(it.epoch); }
  std::string operator()(const StopCheck& it) const { return "stop check of " + it.subject + " e" + std::to_string(it.epoch); }
  std::string operator()(const StopPlanner& it) const { return "stop planner for " + it.task_id; }
  std::string operator()(const FeedEntry& it) const {
    std::string line = "feed " + it.type;
    for (const std::string& id : {it.task_id, it.subtask_id, it.worker_id})
      if (!id.empty()) line += " " + id;
    for (const auto& [key, value] : it.fields) line += " " + key + "=" + show(value);
    return line;
  }
};

std::string list(const std::set<std::string>& ids) { return text::join(std::vector<std::string>(ids.begin(), ids.end()), " "); }

std::string describe_subtask(const Orchestrator& core, const Subtask& subtask) {
  std::ostringstream out;
  out << "  " << subtask.spec.id << " " << name(subtask.status) << " stage " << subtask.stage;
  if (subtask.epoch > 0) out << " e" << subtask.epoch << " attempt " << subtask.attempt;
  if (subtask.tries != subtask.attempt) out << " of " << subtask.tries;
  if (subtask.spent_tokens > 0) out << " spent " << subtask.spent_tokens << " tokens";
  if (subtask.worked_ms > 0) out << " worked " << subtask.worked_ms << " ms";
  if (!subtask.claimed_how.empty()) out << " claimed=" << subtask.claimed_how;
  if (!subtask.worker_id.empty()) out << " worker=" << subtask.worker_id;
  if (subtask.progress_percent > 0) out << " " << subtask.progress_percent << "%";
  if (subtask.undelivered) out << " undelivered";
  if (subtask.verified) out << (*subtask.verified ? " verified" : " unverified");
  if (!subtask.retry_reason.empty()) out << " retry=\"" << subtask.retry_reason << '"';
  if (!subtask.retry_modifications.empty()) out << " modifications=\"" << subtask.retry_modifications << '"';
  if (!subtask.split_of.empty()) out << " part of " << subtask.split_of;
  if (!subtask.child_task.empty()) out << " child=" << subtask.child_task;
  if (!subtask.skip_reason.empty()) out << " skip=\"" << subtask.skip_reason << '"';
  if (const auto standing = core.worker_standing(subtask.spec.id)) {
    out << " is=" << name(standing->state);
    if (standing->pid != 0) out << " pid=" << standing->pid;
    if (!standing->not_ended.empty()) out << " left=\"" << text::join(standing->not_ended, "; ") << '"';
  }
  for (const WaitsFor& waits : core.waits_for(subtask.spec.id)) out << " waits=" << waits.reason << ":" << waits.subject;
  out << "\n";
  return out.str();
}

SubtaskSpec subtask_spec(const Line& line, const std::string& id) {
  SubtaskSpec spec;
  spec.id = id;
  spec.title = "do " + id;
  spec.assigned_to = line.get("master", "development");
  spec.worker_type = "implementation";
  spec.dependencies = line.all("after");
  spec.files_affected = line.all("files");
  spec.estimated_minutes = line.number("minutes", 0);
  spec.time_limit_ms = *parse_duration(line.get("time_limit", "0s"));
  spec.checkpoint = line.get("checkpoint");
  spec.orchestrate = line.get("orchestrate") == "yes";
  return spec;
}

/// "sub ID stage=N order=N after=a,b files=x" and "conflict FILE a b" make the plan that "task" above them gets.
void add_to_plan(Plan& plan, const Line& line) {
  if (line.words[0] == "conflict") {
    plan.conflicts.push_back({line.words[1], {line.words.begin() + 2, line.words.end()}});
    return;
  }
  const int stage = line.number("stage", 1);
  int order = 1;
  for (const PlannedSubtask& other : plan.subtasks) order += other.stage == stage;
  plan.planner = PlannerKind::given;
  plan.subtasks.push_back({subtask_spec(line, line.words[1]), stage, line.number("order", order), ""});
}

ArrivedTask arrived_task(const Line& line, Source source) {
  ArrivedTask task;
  TaskSpec& spec = task.spec;
  spec.id = line.words[1];
  spec.title = line.get("title", "do " + spec.id);
  spec.priority = *parse<Priority>(line.get("priority", "medium"));
  spec.mode = *parse<ExecutionMode>(line.get("mode", "staged"));
  spec.depends_on = line.all("after");
  spec.approval_required = line.get("approval") == "required";
  spec.content_hash = line.get("content", spec.id);
  spec.source = source;
  spec.checkpoint = line.get("checkpoint");
  task.taken_ids = line.all("taken");
  if (!line.get("ended").empty())
    task.ended = EndedTask{spec.id, *parse<PlanStatus>(line.get("ended")), line.get("ended_content", spec.id)};
  for (const std::string& each : line.all("history")) {  // id:status of a dependency that has ended
    const std::vector<std::string> parts = text::split(each, ':');
    task.dependencies.push_back({parts[0], *parse<PlanStatus>(parts[1]), ""});
  }
  if (line.get("plan") == "none") {
    if (!line.get("reason").empty()) task.analysis.reasons = {line.get("reason")};
    task.analysis.score = line.number("score", 0);
    return task;
  }
  if (!line.get("error").empty()) {
    task.plan = fail(ErrorCode::invalid, line.get("error"));
    return task;
  }
  Plan plan;
  plan.subtasks.push_back({subtask_spec(line, spec.id), 1, 1, ""});
  plan.subtasks.front().spec.dependencies.clear();
  task.plan = plan;
  return task;
}

}  // namespace

std::string describe(const Changes& changes) {
  std::string out;
  for (const Effect& effect : changes.effects) out += std::visit(Teller{}, effect) + "\n";
  if (!changes.created.empty()) out += "created: " + list(changes.created) + "\n";
  if (!changes.tasks.empty()) out += "tasks: " + list(changes.tasks) + "\n";
  if (!changes.subtasks.empty()) out += "subtasks: " + list(changes.subtasks) + "\n";
  if (!changes.rewired.empty()) out += "rewired: " + list(changes.rewired) + "\n";
  if (!changes.workers.empty()) out += "workers: " + list(changes.workers) + "\n";
  if (!changes.masters.empty()) out += "masters: " + list(changes.masters) + "\n";
  if (!changes.standing.empty()) out += "standing: " + list(changes.standing) + "\n";
  for (const auto& task : changes.ended) out += "ended: " + task->spec.id + " " + std::string(name(task->status)) + "\n";
  return out.empty() ? "nothing\n" : out;
}

std::string describe(const Orchestrator& core) {
  std::ostringstream out;
  const Totals totals = core.totals();
  out << "tasks " << totals.tasks << " live " << core.live_tasks() << " completed " << totals.completed << " failed "
      << totals.failed << " cancelled " << totals.cancelled << (core.paused() ? " paused" : "") << "\n";
  core.for_each_task([&](const Task& task) {
    out << task.spec.id << " " << name(task.status) << " " << progress_percent(task) << "% stage " << current_stage(task) << "/"
        << stage_count(task) << (task.simple ? " simple" : "") << (task.paused ? " paused" : "")
        << (task.planned ? "" : " unplanned");
    if (is_child(task)) out << " does " << task.spec.parent_subtask_id << " of " << task.spec.parent_task_id;
    if (!task.analysis.reasons.empty()) out << " reasons=\"" << text::join(task.analysis.reasons, "; ") << '"';
    if (!task.awaits.empty()) out << " awaits=" << text::join(task.awaits, ",");
    if (!task.blocking_subtask.empty()) out << " blocked_by=" << task.blocking_subtask;
    if (!task.lost.empty()) out << " lost=" << text::join(task.lost, ",");
    if (!task.failure_reason.empty()) out << " because=\"" << task.failure_reason << '"';
    out << "\n";
    for (const Subtask& subtask : task.subtasks) out << describe_subtask(core, subtask);
  });
  for (const Attention& attention : core.attention())
    out << "attention " << attention.reason << ": " << attention.message << "\n";
  return out.str();
}

Line Line::parse(const std::string& text) {
  Line line;
  std::string word;
  bool quoted = false;
  const auto take = [&] {
    if (word.empty()) return;
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos)
      line.words.push_back(word);
    else
      line.values.emplace(word.substr(0, equals), word.substr(equals + 1));
    word.clear();
  };
  for (const char c : text) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      take();
    else
      word += c;
  }
  take();
  return line;
}

std::string Line::get(const std::string& key, const std::string& otherwise) const {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : found->second;
}

int Line::number(const std::string& key, int otherwise) const {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : std::stoi(found->second);
}

std::vector<std::string> Line::all(const std::string& key) const {
  std::vector<std::string> result;
  const auto [first, last] = values.equal_range(key);
  for (auto at = first; at != last; ++at)
    for (std::string& each : text::split(at->second, ',')) result.push_back(std::move(each));
  return result;
}

std::string Script::step(decltype(Event::what) what) {
  const Changes changes = core_.step({now_, std::move(what), random_});
  for (const std::string& subtask_id : changes.workers) {
    const WorkerRecord* worker = core_.worker(subtask_id);
    worker == nullptr ? static_cast<void>(workers_.erase(subtask_id)) : static_cast<void>(workers_[subtask_id] = *worker);
  }
  for (const AttentionChange& change : changes.attention) {
    std::erase_if(attention_, [&](Attention each) {
      each.message = change.about.message;
      return each == change.about;
    });
    if (change.up) attention_.push_back(change.about);
  }
  return describe(changes);
}

std::string Script::run(const std::vector<std::string>& lines) {
  const Line head = Line::parse(lines.at(0));
  const std::string& verb = head.words.at(0);
  const auto word = [&head](std::size_t at) { return at < head.words.size() ? head.words[at] : std::string(); };
  const int epoch = head.number("epoch", 0);
  if (verb == "catalogue") return step(catalogue(head));
  if (verb == "arrive") return step(arrive(head, lines));
  if (verb == "planned") return step(planned(head, lines));
  if (verb == "check") return step(check(head));
  if (verb == "parts") return step(parts(head, lines));
  if (verb == "child") return step(child(head, lines));
  if (verb == "random") {
    random_ = static_cast<std::uint32_t>(std::stoul(word(1)));
    return "";
  }
  if (verb == "claim") return step(HandoffClaimed{word(1), epoch, head.get("how", "renamed")});
  if (verb == "unclaim") return step(HandoffReleased{word(1), epoch});
  if (verb == "undelivered") return step(HandoffDelivery{word(1), epoch, false, head.get("reason", "No space left on device")});
  if (verb == "delivered") return step(HandoffDelivery{word(1), epoch, true, ""});
  if (verb == "worker") return step(worker(head));
  if (verb == "exited")
    return step(WorkerExited{word(1) == "nobody" ? "" : word(1), word(2), head.get("what", "its process 4711 has exited"),
                             !head.get("rebooted").empty(), !head.get("remains").empty()});
  if (verb == "looked") return step(looked(head));
  if (verb == "ended") {
    const std::vector<std::string> left = head.all("left");
    return step(WorkerEnded{head.get("task", word(2)), word(2), word(1), head.number("epoch", 1), head.number("took", 0), false,
                            head.number("processes", 1), left, head.all("beside")});
  }
  if (verb == "result") return step(result(head));
  if (verb == "machine") return step(MachineSeen{head.get("short_of"), head.get("message")});
  if (verb == "command") return step(command(head));
  if (verb == "tick") return step(Tick{});
  if (verb == "show") return describe(core_);
  if (verb == "restore") return restore(head);
  if (verb == "advance") {
    const std::int64_t by = *parse_duration(word(1));
    now_ = {now_.wall_ms + by, now_.mono_ms + by, now_.boot_ms + by};
    return "";
  }
  if (verb == "set") {  // the wall clock, ahead
    now_.wall_ms += *parse_duration(word(1));
    return "";
  }
  if (verb == "suspend") {
    const std::int64_t by = *parse_duration(word(1));
    now_ = {now_.wall_ms + by, now_.mono_ms, now_.boot_ms + by};
    return "";
  }
  if (verb == "deadline") {
    const auto due = core_.next_deadline(now_);
    return due ? "in " + std::to_string(*due - now_.boot_ms) + " ms\n" : "never\n";
  }
  if (verb == "find") {
    const Subtask* subtask = core_.find_subtask(word(1));
    return subtask == nullptr ? "none\n" : subtask->spec.id + "\n";
  }
  return "unknown command " + verb + "\n";
}

CatalogueChanged Script::catalogue(const Line& line) {
  catalogue_ = {};
  for (const std::string& each : line.all("masters")) {  // name or name:max_active
    const std::vector<std::string> parts = text::split(each, ':');
    catalogue_.masters[parts[0]] = {parts[0], "", {}, {}, parts.size() > 1 ? std::stoi(parts[1]) : 0};
  }
  catalogue_.settings.max_active_orchestrations = line.number("max_active_orchestrations", 0);
  catalogue_.settings.max_active_subtasks = line.number("max_active_subtasks", 0);
  RecoverySettings& recovery = catalogue_.settings.recovery;
  recovery.max_attempts = line.number("max_attempts", 3);
  recovery.breaker_failures = line.number("breaker_failures", 5);
  recovery.retry_backoff_ms = *parse_duration(line.get("retry_backoff", "5s"));
  recovery.heartbeat_timeout_ms = *parse_duration(line.get("heartbeat_timeout", "3m"));
  recovery.zombie_after_ms = *parse_duration(line.get("zombie_after", "20m"));
  recovery.exit_grace_ms = *parse_duration(line.get("exit_grace", "5s"));
  for (const std::string& each : line.all("unwatched")) catalogue_.masters[each].recovery.watched = false;
  recovery.claim_timeout_ms = *parse_duration(line.get("claim_timeout", "20m"));
  for (const std::string& name : line.all("checkpoints")) catalogue_.settings.checkpoints.insert(name);
  const std::string files = line.get("file_conflicts", "all");
  catalogue_.settings.file_conflicts = files == "off"    ? FileConflicts::off
                                       : files == "plan" ? FileConflicts::plan
                                                         : FileConflicts::all;
  return {catalogue_, false};
}

/// "check ID passed" or "check ID failed", and what its command said.
CheckFinished Script::check(const Line& line) {
  const bool passed = line.words.at(2) == "passed";
  const std::string reason = passed ? "" : line.get("reason", "exit_code");
  return {line.words.at(1),
          line.number("epoch", 1),
          {passed, reason, line.get("message"), {"make", "test"}, passed ? 0 : 2, line.get("output"), 1'500, 0},
          line.all("taken")};
}

TasksArrived Script::arrive(const Line& head, const std::vector<std::string>& lines) {
  TasksArrived event;
  event.source = *parse<Source>(head.get("source", "drop"));
  const bool dropped = event.source == Source::drop;
  event.input = {dropped ? ++input_ : 0, dropped ? "task-queue.d/" + head.get("file", "tasks.json") : "task-queue.json"};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const Line line = Line::parse(lines[i]);
    if (line.words.at(0) == "task") {
      event.tasks.push_back(arrived_task(line, event.source));
      continue;
    }
    Plan& plan = **event.tasks.at(event.tasks.size() - 1).plan;
    if (plan.planner == PlannerKind::routed) plan.subtasks.clear();
    add_to_plan(plan, line);
  }
  return event;
}

PlannerAnswered Script::planned(const Line& head, const std::vector<std::string>& lines) {
  Plan plan;
  for (std::size_t i = 1; i < lines.size(); ++i) add_to_plan(plan, Line::parse(lines[i]));
  plan.planner = head.get("error").empty() ? PlannerKind::command : PlannerKind::rules;
  if (head.get("error").empty()) return {head.words.at(1), plan, {}, head.all("taken")};
  return {head.words.at(1), fail(ErrorCode::invalid, head.get("error")), plan, head.all("taken")};
}

/// "parts ID taken=a,b planner=command note=why", and under it two lines "sub ID files=x".
SplitProposed Script::parts(const Line& head, const std::vector<std::string>& lines) {
  const std::string& id = head.words.at(1);
  const Line one = Line::parse(lines.at(1));
  const Line other = Line::parse(lines.at(2));
  return {id,
          head.number("epoch", 1),
          {subtask_spec(one, one.words.at(1)), subtask_spec(other, other.words.at(1))},
          head.all("taken"),
          *parse<PlannerKind>(head.get("planner", "rules")),
          head.get("note")};
}

/// "child SUBTASK id=X taken=a,b", and under it its plan; plan=none: the planner command is asked; error=why: there is no plan.
ChildProposed Script::child(const Line& head, const std::vector<std::string>& lines) {
  const Subtask& subtask = *core_.subtask(head.words.at(1));
  ChildProposed event{subtask.spec.id, head.number("epoch", subtask.epoch), {}};
  event.task.spec = child_spec(*core_.task(subtask.task_id), subtask);
  event.task.spec.id = head.get("id", child_id(subtask.spec.id, 1));
  event.task.taken_ids = head.all("taken");
  if (head.get("plan") == "none") return event;
  if (!head.get("error").empty()) {
    event.task.plan = fail(ErrorCode::invalid, head.get("error"));
    return event;
  }
  Plan plan;
  for (std::size_t i = 1; i < lines.size(); ++i) add_to_plan(plan, Line::parse(lines[i]));
  event.task.plan = plan;
  return event;
}

/// "worker W SUBTASK pid=4711 spared=why host=there lay_there=1m boot=next"; boot=none: it said so on another boot
WorkerSeen Script::worker(const Line& line) {
  WorkerSeen seen{line.words.at(1), line.words.at(2), line.number("epoch", 0), line.number("progress", -1), line.get("step")};
  seen.host = line.get("host");
  seen.boot_id = line.get("boot", "boot") == "none" ? "" : line.get("boot", "boot");
  seen.lay_there_ms = *parse_duration(line.get("lay_there", "0s"));
  if (const int pid = line.number("pid", 0); pid != 0) seen.process = WorkerProcess{pid, 1, 1000, line.get("spared")};
  return seen;
}

/// "looked SUBTASK cpu=1200 files=7"; what is not named could not be seen.
WorkerLooked Script::looked(const Line& line) {
  WorkerLook look;
  if (!line.get("cpu").empty()) look.cpu_ms = line.number("cpu", 0);
  look.processes = line.number("processes", 1);
  if (!line.get("files").empty()) look.files = std::vector{static_cast<std::uint64_t>(line.number("files", 0))};
  look.files_place = "the files it may change";
  return {line.words.at(1), line.number("epoch", 1), look};
}

ResultArrived Script::result(const Line& line) {
  ResultArrived event;
  const std::string& id = line.words.at(1);
  event.input = {++input_, "from-" + line.get("master", "x") + "-subtask-" + id + ".json"};
  event.subtask_id = id;
  event.master = line.get("master");
  event.worker_id = line.get("worker");
  event.epoch = line.number("epoch", 0);
  event.completed = line.words.at(2) == "completed";
  event.outcome.summary = line.get("summary");
  event.outcome.tokens_used = line.number("tokens", 0);
  event.error = line.get("error");
  event.failure_class = *parse<FailureClass>(line.get("class", "transient"));
  event.retry_after_ms = *parse_duration(line.get("retry_after", "0s"));
  if (line.get("ended").empty()) return event;
  Subtask ended;
  ended.spec.id = ended.task_id = id;
  ended.spec.assigned_to = "development";
  ended.epoch = ended.attempt = 1;
  ended.completed_at = 1;
  ended.status = *parse<SubtaskStatus>(line.get("ended"));
  ended.outcome.summary = line.get("ended_summary");
  event.ended = ended;
  return event;
}

CommandArrived Script::command(const Line& line) {
  CommandArrived event;
  event.input = {++input_, "orchestrator/commands/" + line.words.at(1) + ".json"};
  for (const Verb verb :
       {Verb::retry, Verb::skip, Verb::cancel, Verb::release, Verb::pause, Verb::resume, Verb::approve, Verb::reject})
    if (name(verb) == line.words.at(1)) event.verb = verb;
  if (line.words.size() > 2) event.subject = line.words[2];
  event.reason = line.get("reason");
  event.master = line.get("master");
  if (!line.get("ended").empty()) event.ended = EndedTask{event.subject, *parse<PlanStatus>(line.get("ended")), ""};
  return event;
}

/// What a restart does: all that the store remembers, put into a new core.
std::string Script::restore(const Line& line) {
  Remembered remembered;
  core_.for_each_task([&remembered](const Task& task) { remembered.live.push_back(task); });
  for (const std::string& each : line.all("history")) {  // id:status of an awaited task that has ended
    const std::vector<std::string> parts = text::split(each, ':');
    remembered.ended_dependencies.push_back({parts[0], *parse<PlanStatus>(parts[1]), ""});
  }
  for (const auto& [name, master] : catalogue_.masters)
    if (const MasterRecord* record = core_.master(name)) remembered.masters.push_back(*record);
  for (const auto& [subtask_id, worker] : workers_) remembered.workers.push_back(worker);
  remembered.attention = attention_;
  remembered.totals = core_.totals();
  remembered.paused = core_.paused();
  remembered.machine = {line.get("short_of"), line.get("message")};
  Orchestrator fresh;
  fresh.restore(std::move(remembered));
  core_ = std::move(fresh);
  return step(CatalogueChanged{catalogue_, true});
}

}  // namespace baton::core
