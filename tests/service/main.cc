// Jobs start this very program with the words exec-job and probe-job, as they start the daemon's.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>

#include "platform/exec_job.h"
#include "platform/probe.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == baton::platform::k_exec_job_verb) baton::platform::exec_job(argc - 2, argv + 2);
  if (argc > 1 && std::string_view(argv[1]) == baton::platform::k_probe_job_verb) baton::platform::probe_job(argc - 2, argv + 2);
  doctest::Context context(argc, argv);
  return context.run();
}
