# Run by baton_embed: writes the bytes of each file as an array and a table of them.
set(body "")
set(rows "")
set(index 0)
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH path ${ROOT} ${file})
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" hex_length)
  math(EXPR length "${hex_length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND body "const unsigned char file_${index}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${path}\", {reinterpret_cast<const char*>(file_${index}), ${length}}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${HEADER}.new
"#pragma once\n#include <span>\n#include <string_view>\nnamespace baton::embedded::${NAMESPACE} {
struct File { std::string_view path; std::string_view content; };\nstd::span<const File> files();\n}\n")
file(WRITE ${SOURCE}.new
"#include \"embedded/${NAMESPACE}.h\"\nnamespace baton::embedded::${NAMESPACE} {\nnamespace {\n${body}const File table[] = {\n${rows}};\n}\nstd::span<const File> files() { return table; }\n}\n")
file(COPY_FILE ${HEADER}.new ${HEADER} ONLY_IF_DIFFERENT)
file(RENAME ${SOURCE}.new ${SOURCE})
file(REMOVE ${HEADER}.new)
file(TOUCH_NOCREATE ${HEADER})
