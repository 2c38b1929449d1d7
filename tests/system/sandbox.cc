#include "system/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton::test {

namespace fs = std::filesystem;

namespace {

constexpr int k_look_every_ms = 5;

void tick() { ::poll(nullptr, 0, k_look_every_ms); }

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  REQUIRE_MESSAGE(file.good(), path);
}

}  // namespace

Sandbox::Sandbox(const std::string& parent) {
  std::string pattern = (parent.empty() ? fs::temp_directory_path().string() : parent) + "/baton-test-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = fs::canonical(pattern).string();
  root_ = folder_ + "/coordination";
  const platform::Exit made = run({"init", folder_});
  REQUIRE_MESSAGE(made.code == 0, made.error_output);
  configure();
}

Sandbox::~Sandbox() {
  if (daemon_) kill9();
  if (std::getenv("BATON_TEST_KEEP") != nullptr) return;  // to look at what a failing test left
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

platform::Exit Sandbox::run(const std::vector<std::string>& args, const std::string& input) {
  platform::SpawnRequest request;
  request.argv = {BATON_PROGRAM, "--coordination", root_};
  request.argv.insert(request.argv.end(), args.begin(), args.end());
  request.cwd = folder_;
  request.input = input;
  request.unset_environment = {"BATON_*", "NOTIFY_SOCKET"};
  auto process = platform::Process::spawn(request);
  REQUIRE_MESSAGE(process.has_value(), BATON_PROGRAM);
  std::optional<platform::Exit> exit;
  REQUIRE(eventually([&] { return (exit = process->pump()).has_value(); }, 120));
  return *exit;
}

void Sandbox::launch() {
  REQUIRE_FALSE(daemon_.has_value());
  platform::SpawnRequest request;
  request.argv = {BATON_PROGRAM, "--coordination", root_, "daemon"};
  request.cwd = folder_;
  request.unset_environment = {"BATON_*", "NOTIFY_SOCKET"};
  auto process = platform::Process::spawn(request);
  REQUIRE(process.has_value());
  daemon_ = std::move(*process);
}

void Sandbox::start() {
  launch();
  require_eventually("the daemon runs", [this] {
    if (!running()) FAIL("the daemon has ended: " << log_);
    const json state = document("orchestrator/state/current.json");
    return state.is_object() && state.contains("daemon") && state["daemon"]["pid"] == pid() &&
           state["daemon"]["state"] == "running";
  });
}

bool Sandbox::running() {
  if (!daemon_) return false;
  const auto exit = daemon_->pump();
  if (!exit) return true;
  log_ = exit->error_output;
  daemon_.reset();
  return false;
}

void Sandbox::kill9() {
  REQUIRE(daemon_.has_value());
  ::kill(daemon_->pid(), SIGKILL);
  eventually([this] { return !running(); });
}

platform::Process Sandbox::give_away() {
  REQUIRE(daemon_.has_value());
  platform::Process daemon = std::move(*daemon_);
  daemon_.reset();
  return daemon;
}

void Sandbox::kill9_and_start() {
  platform::Process killed = give_away();
  ::kill(killed.pid(), SIGKILL);
  start();
  eventually([&killed] { return killed.pump().has_value(); });
}

int Sandbox::stop() {
  REQUIRE(daemon_.has_value());
  ::kill(daemon_->pid(), SIGTERM);
  std::optional<platform::Exit> exit;
  REQUIRE(eventually([&] { return (exit = daemon_->pump()).has_value(); }));
  log_ = exit->error_output;
  daemon_.reset();
  return exit->code;
}

void Sandbox::put(const std::string& relative, const std::string& bytes) {
  const fs::path target = path(relative);
  const std::string hidden = (target.parent_path() / (".put-" + std::to_string(++hidden_))).string();
  write_file(hidden, bytes);
  fs::rename(hidden, target);
}

void Sandbox::put_plainly(const std::string& relative, const std::string& bytes) { write_file(path(relative), bytes); }

bool Sandbox::exists(const std::string& relative) const {
  struct ::stat status {};
  return ::lstat(path(relative).c_str(), &status) == 0;
}

std::string Sandbox::read(const std::string& relative) const {
  std::ifstream file(path(relative), std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

json Sandbox::document(const std::string& relative) const {
  json parsed = json::parse(read(relative), nullptr, false);
  return parsed.is_discarded() ? json() : parsed;
}

std::vector<std::string> Sandbox::list(const std::string& relative) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path(relative), error))
    if (const std::string name = entry.path().filename().string(); name.front() != '.') names.push_back(name);
  std::ranges::sort(names);
  return names;
}

std::string Sandbox::status(const std::string& task_id) const {
  const json found = plan(task_id);
  return found.is_object() ? found.value("status", "") : "";
}

std::vector<json> Sandbox::feed() const {
  std::vector<std::string> files;
  for (int n = 1; exists("dashboard-events.jsonl." + std::to_string(n)); ++n)
    files.insert(files.begin(), "dashboard-events.jsonl." + std::to_string(n));
  files.emplace_back("dashboard-events.jsonl");
  std::vector<json> entries;
  for (const std::string& file : files) {
    std::istringstream lines(read(file));
    for (std::string line; std::getline(lines, line);) {
      json entry = json::parse(line, nullptr, false);
      if (lines.eof() && entry.is_discarded()) continue;  // being written right now
      REQUIRE_MESSAGE(!entry.is_discarded(), line);
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::vector<json> Sandbox::feed(const std::string& type) const {
  std::vector<json> entries = feed();
  std::erase_if(entries, [&](const json& entry) { return entry.value("type", "") != type; });
  return entries;
}

void Sandbox::check_seq() const {
  std::int64_t expected = 1;
  for (const json& entry : feed()) {
    if (!entry.contains("seq")) continue;  // somebody else's
    REQUIRE_MESSAGE(entry["seq"] == expected, entry.dump());
    ++expected;
  }
}

bool Sandbox::eventually(const std::function<bool()>& condition, int seconds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    tick();
  }
  return true;
}

void Sandbox::require_eventually(const std::string& what, const std::function<bool()>& condition, int seconds) {
  if (eventually(condition, seconds)) return;
  std::string tail;
  const std::vector<json> entries = feed();
  for (std::size_t i = entries.size() > 15 ? entries.size() - 15 : 0; i < entries.size(); ++i) tail += entries[i].dump() + "\n";
  if (daemon_ && !running()) tail += "the daemon has ended: " + log_;
  FAIL("not so: " << what << "\n" << tail);
}

void Sandbox::configure(const json& settings) {
  // How full and busy the machine is on which the tests run is not their subject.
  json all = {{"settle", "50ms"}, {"view_interval", "20ms"}, {"min_free_disk", 0}, {"max_memory_pressure", 100}};
  all.update(settings);
  put("orchestrator/config.json", all.dump());
}

void Sandbox::move(const std::string& from, const std::string& to) { fs::rename(path(from), path(to)); }

json Sandbox::require_refusal(const std::string& name) {
  const std::string file = "task-queue.d/rejected/" + name + ".error.json";
  require_eventually("the refusal of " + name, [&] { return exists(file) && exists("task-queue.d/rejected/" + name); });
  return document(file);
}

void Sandbox::require_status(const std::string& task_id, const std::string& wanted) {
  require_eventually(task_id + " is " + wanted, [&] { return status(task_id) == wanted; });
}

void Sandbox::require_feed(const std::string& type, std::size_t count) {
  require_eventually("feed " + type, [&] { return feed(type).size() >= count; });
}

void Sandbox::pass_by() {
  const std::string id = "pass-" + std::to_string(++passed_);
  drop("zz-" + id + ".json", json{{"id", id}, {"title", "Fix typo in " + id + ".md"}});
  require_handoff("development", id);
  // Filing comes after the feed: whatever this turn had to say is said.
  require_eventually(id + " is filed", [&] { return exists("task-queue.d/accepted/zz-" + id + ".json"); });
}

void Sandbox::check_documents(const std::set<std::string>& besides) const {
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    const std::string file = entry.path().string().substr(root_.size() + 1);
    // Hidden ones are being written, and nobody reads them.
    if (!entry.is_regular_file() || !file.ends_with(".json") || entry.path().filename().string().starts_with('.') ||
        file.starts_with("orchestrator/config") || file.starts_with("orchestrator/playbooks") || file.ends_with("master.json"))
      continue;
    if (std::ranges::any_of(besides, [&](const std::string& part) { return file.find(part) != std::string::npos; })) continue;
    CHECK_MESSAGE(!json::parse(read(file), nullptr, false).is_discarded(), file);
  }
}

long Sandbox::peak_memory_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  return 0;
}

std::string Sandbox::handoff_path(const std::string& master, const std::string& subtask_id) {
  return "masters/" + master + "/handoffs/to-" + master + "-subtask-" + subtask_id + ".json";
}

void Sandbox::require_handoff(const std::string& master, const std::string& subtask_id) {
  require_eventually("handoff of " + subtask_id, [&] { return exists(handoff_path(master, subtask_id)); });
}

void Sandbox::claim(const std::string& master, const std::string& subtask_id) {
  require_handoff(master, subtask_id);
  fs::rename(path(handoff_path(master, subtask_id)),
             path("masters/" + master + "/handoffs/claimed/to-" + master + "-subtask-" + subtask_id + ".json"));
}

void Sandbox::answer(const std::string& master, const std::string& subtask_id, const json& result) {
  put("masters/" + master + "/handoffs/from-" + master + "-subtask-" + subtask_id + ".json", result.dump());
}

void Sandbox::complete(const std::string& master, const std::string& subtask_id, const std::string& summary) {
  answer(master, subtask_id, {{"status", "completed"}, {"result", {{"summary", summary}}}});
}

void Sandbox::play(const std::function<bool()>& until, int seconds) {
  const auto work = [this] {
    for (const std::string& master : list("masters")) {
      const std::string folder = "masters/" + master + "/handoffs";
      for (const std::string& name : list(folder)) {
        if (!name.starts_with("to-") || !name.ends_with(".json")) continue;
        const json handoff = document(folder + "/" + name);
        std::error_code lost;
        fs::rename(path(folder + "/" + name), path(folder + "/claimed/" + name), lost);
        if (!lost && handoff.is_object())
          complete(master, handoff["subtask_id"], "did " + handoff["subtask_id"].get<std::string>());
      }
    }
  };
  require_eventually(
      "the masters are done",
      [&] {
        work();
        return until();
      },
      seconds);
}

}  // namespace baton::test
