// The first word decides: `exec-job` becomes the job, `guard-jobs` stays beside some, and `probe-job` is one, before anything
// else is set up; all others are verbs of the command line.
#include <string>
#include <string_view>
#include <vector>

#include "front/front.h"
#include "platform/exec_job.h"
#include "platform/guard.h"
#include "platform/probe.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == baton::platform::k_exec_job_verb) baton::platform::exec_job(argc - 2, argv + 2);
  if (argc > 1 && std::string_view(argv[1]) == baton::platform::k_guard_verb) baton::platform::guard_jobs();
  if (argc > 1 && std::string_view(argv[1]) == baton::platform::k_probe_job_verb) baton::platform::probe_job(argc - 2, argv + 2);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return baton::front::run(words, baton::front::process_streams());
}
