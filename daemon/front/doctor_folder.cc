#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "front/catalogue.h"
#include "front/doctor.h"
#include "front/document_check.h"
#include "front/lookup.h"
#include "front/render.h"
#include "protocol/paths.h"
#include "protocol/queue_file.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

std::vector<std::string> folders_of(const Folder& folder) {
  std::vector<std::string> all = paths::fixed_folders();
  for (const std::string& master : folder.masters())
    for (const std::string& path : {paths::handoffs(master), paths::claimed(master), paths::done(master), paths::stale(master)})
      all.push_back(path);
  return all;
}

/// What follows from a document that cannot be read.
std::string consequence(const std::string& path, bool running) {
  if (running) return "until it is correct the daemon keeps what it read last";
  return path == paths::k_config ? "no daemon starts until it is correct" : "a daemon that starts now goes without it";
}

void check_problem(const DocumentProblem& problem, bool running, Checks& checks) {
  const Error& error = problem.error;
  checks.push_back({Verdict::fail, "documents", finding_text(problem.path, {error.place, error.message}),
                    (error.hint.empty() ? "correct it" : error.hint) + "; " + consequence(problem.path, running)});
}

void check_catalogue(const Folder& folder, Checks& checks) {
  const LoadedCatalogue loaded = load_catalogue(folder);
  const bool running = folder.daemon().has_value();
  bool is_set = true;  // false: nobody knows what the settings are
  for (const DocumentProblem& problem : loaded.problems) {
    check_problem(problem, running, checks);
    is_set = is_set && problem.path != paths::k_config;
  }
  const auto& masters = loaded.catalogue.masters;
  const std::string& fallback = loaded.config.core.default_master;
  if (masters.empty())
    checks.push_back({Verdict::fail, "masters", "there is no folder under masters/", "baton init lays down four of them"});
  else if (is_set && !masters.contains(fallback))
    checks.push_back({Verdict::fail, "masters", "default_master \"" + fallback + "\" has no folder under masters/",
                      "make masters/" + fallback + "/handoffs, or set default_master"});
  if (loaded.problems.empty())
    checks.push_back({Verdict::ok, "documents",
                      "configuration, " + counted(static_cast<std::int64_t>(masters.size()), "master") + " and " +
                          counted(static_cast<std::int64_t>(loaded.catalogue.playbooks.size()), "playbook") + " are valid"});
}

void check_queue(const Folder& folder, Checks& checks) {
  auto bytes = folder.read(std::string(paths::k_queue));
  if (!bytes && bytes.error().code == ErrorCode::not_found) return;
  const auto queue =
      bytes ? protocol::parse_queue(std::move(*bytes)) : Result<protocol::QueueFile>(tl::make_unexpected(bytes.error()));
  if (queue)
    checks.push_back(
        {Verdict::ok, "queue", "task-queue.json holds " + counted(static_cast<std::int64_t>(queue->entries.size()), "task")});
  else
    checks.push_back({Verdict::fail, "queue", finding_text(paths::k_queue, {queue.error().place, queue.error().message}),
                      queue.error().hint.empty() ? "correct it" : queue.error().hint});
}

}  // namespace

void check_layout(const Folder& folder, Checks& checks) {
  std::vector<std::string> missing;
  const auto all = folders_of(folder);
  for (const std::string& path : all) {
    const auto stat = folder.files().stat(path);
    if (!stat || stat->type != platform::FileType::directory) missing.push_back(path);
  }
  if (missing.empty())
    checks.push_back({Verdict::ok, "folders", "all " + std::to_string(all.size()) + " are there"});
  else
    checks.push_back({Verdict::fail, "folders", "missing: " + some_of(missing), "baton init lays down what is missing"});
}

void check_modes(const Folder& folder, Checks& checks) {
  std::vector<std::string> closed, open, ungrouped;
  std::vector<std::string> all = folders_of(folder);
  all.insert(all.begin(), ".");
  for (const std::string& path : all) {
    struct stat status {};
    const std::string whole = folder.root() + "/" + path;
    if (stat(whole.c_str(), &status) != 0) continue;
    if (access(whole.c_str(), R_OK | W_OK | X_OK) != 0) closed.push_back(path);
    if ((status.st_mode & S_IRWXO) != 0 || (!folder.shared() && (status.st_mode & S_IWGRP) != 0)) open.push_back(path);
    if (folder.shared() && (status.st_mode & (S_IRWXG | S_ISGID)) != (S_IRWXG | S_ISGID)) ungrouped.push_back(path);
  }
  if (!closed.empty())
    checks.push_back({Verdict::fail, "permissions", "you may not read and write " + some_of(closed),
                      folder.shared() ? "join the folder's group, and log in again" : "the folder belongs to somebody else"});
  if (!open.empty())
    checks.push_back({Verdict::warn, "permissions", "others may get into " + some_of(open),
                      folder.shared() ? "chmod -R o= the folder" : "chmod -R go= the folder"});
  if (!ungrouped.empty())
    checks.push_back(
        {Verdict::fail, "permissions", "the group cannot fully use " + some_of(ungrouped), "chmod g+rwxs these folders"});
  if (closed.empty() && open.empty() && ungrouped.empty())
    checks.push_back({Verdict::ok, "permissions", folder.shared() ? "as for a group" : "as for one user"});
}

void check_documents(const Folder& folder, Checks& checks) {
  check_catalogue(folder, checks);
  check_queue(folder, checks);
}

}  // namespace baton::front
