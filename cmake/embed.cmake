# baton_embed(TARGET NAMESPACE name ROOT folder FILES ...): compiles files into TARGET as a table
#   namespace baton::embedded::<name> { struct File { std::string_view path, content; }; std::span<const File> files(); }
# Paths are relative to ROOT. The table is declared by embedded/<name>.h in the build folder.
function(baton_embed target)
  cmake_parse_arguments(EMBED "" "NAMESPACE;ROOT" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set(header ${out}/embedded/${EMBED_NAMESPACE}.h)
  set(source ${out}/${EMBED_NAMESPACE}.cc)
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DNAMESPACE=${EMBED_NAMESPACE} -DROOT=${EMBED_ROOT} "-DFILES=${EMBED_FILES}"
            -DHEADER=${header} -DSOURCE=${source} -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${EMBED_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${source} ${header})
  target_include_directories(${target} PUBLIC ${out})
endfunction()
