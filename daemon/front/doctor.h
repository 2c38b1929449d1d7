// What `baton doctor` looks at. Every check says what it found and, unless all is well, what to do.
#pragma once

#include <string>
#include <vector>

#include "front/folder.h"

namespace baton::front {

enum class Verdict { ok, warn, fail };

struct Check {
  Verdict verdict = Verdict::ok;
  std::string subject;
  std::string finding;
  std::string advice = {};  // empty with ok
};

using Checks = std::vector<Check>;

// The folder: doctor_folder.cc
void check_layout(const Folder& folder, Checks& checks);     // missing folders
void check_modes(const Folder& folder, Checks& checks);      // permissions against the set-up
void check_documents(const Folder& folder, Checks& checks);  // configuration, masters, playbooks, queue

// What lies about in it: doctor_leftovers.cc
void check_refused(const Folder& folder, Checks& checks);  // documents that were refused and not dealt with
void check_orphans(const Folder& folder, Checks& checks);  // handoffs and plans that belong to no task

// What it lies on: doctor_filesystem.cc
void check_filesystem(const Folder& folder, Checks& checks);  // exchange, no-replace, symlinks, inotify, leases
void check_disk(const Folder& folder, Checks& checks);

// Who works on it: doctor_daemon.cc
void check_daemon(const Folder& folder, Checks& checks);  // running, same version

// What it starts: doctor_jobs.cc
void check_jobs(const Folder& folder, Checks& checks);  // planner, notify and checkpoint commands, tried where they run

}  // namespace baton::front
