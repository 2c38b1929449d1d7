# Counters in the three libraries whose coverage is asked for. They go nowhere unless LLVM_PROFILE_FILE names a file, so that
# programs of this build leave nothing behind. scripts/coverage.sh reads them.
foreach(library baton_core baton_protocol baton_store)
  target_compile_options(${library} PRIVATE -fprofile-instr-generate=/dev/null -fcoverage-mapping)
  target_link_options(${library} INTERFACE -fprofile-instr-generate=/dev/null)
endforeach()
