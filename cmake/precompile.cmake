# Half of the time of a build is reading headers again: with BATON_PRECOMPILE what most files of a target include is read once.
# Files still include all that they use: scripts/tidy.sh reads those of daemon/ without this.
set(BATON_STANDARD_HEADERS <algorithm> <array> <charconv> <functional> <map> <memory> <optional> <set> <span> <string>
                           <string_view> <unordered_map> <utility> <variant> <vector>)

# baton_precompile(TARGET headers...): the standard's and these, <…> or as the target's files include them. They go into a header
# of their own, because CMake gives the one that it writes a time at which no build sees that the list has changed.
function(baton_precompile target)
  if(NOT BATON_PRECOMPILE)
    return()
  endif()
  set(lines "")
  foreach(header IN LISTS BATON_STANDARD_HEADERS ARGN)
    if(NOT header MATCHES "^<")
      set(header "\"${header}\"")
    endif()
    string(APPEND lines "#include ${header}\n")
  endforeach()
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_precompiled.h)
  file(CONFIGURE OUTPUT ${list} CONTENT "#pragma once\n${lines}" @ONLY)
  target_precompile_headers(${target} PRIVATE ${list})
  baton_without_times(${target})
endfunction()

# baton_precompiled_by(OTHER TARGET): what OTHER has read, when both are compiled alike.
function(baton_precompiled_by other target)
  if(BATON_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${other})
    baton_without_times(${target})
  endif()
endfunction()

function(baton_without_times target)  # or ccache would find every file changed
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
