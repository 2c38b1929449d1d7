# Warnings are errors with every compiler that CI runs.
add_library(baton_warnings INTERFACE)
target_compile_options(baton_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wnull-dereference -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false null dereferences and maybe-uninitialized inside std::variant and std::optional when it inlines them.
  target_compile_options(baton_warnings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # BATON_ASSERT(!"why this cannot be reached") is meant.
  target_compile_options(baton_warnings INTERFACE -Wno-string-conversion)
endif()
