#include <string_view>

#include "platform/exec_job.h"
#include "platform/guard.h"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (std::string_view(argv[1]) == baton::platform::k_exec_job_verb) baton::platform::exec_job(argc - 2, argv + 2);
  if (std::string_view(argv[1]) == baton::platform::k_guard_verb) baton::platform::guard_jobs();
  return 2;
}
