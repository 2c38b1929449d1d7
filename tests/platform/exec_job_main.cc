#include <string_view>

#include "platform/exec_job.h"

int main(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != baton::platform::k_exec_job_verb) return 2;
  baton::platform::exec_job(argc - 2, argv + 2);
}
