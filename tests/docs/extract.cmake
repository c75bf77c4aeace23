# Takes the C++ blocks out of a page of documentation, so that each can be compiled.
#
# A block is what stands between ```cpp and ```. A comment on the line before says what it is:
#   (nothing)                               a whole source file
#   <!-- example: prelude=client -->        statements, put into preludes/client.cpp.in
#   <!-- example: file=examples/hello.cpp --> a part of that file, word for word
#
# portfire_doc_blocks(PAGE DIRECTORY RESULT) writes every block of PAGE, a path from the root, as a
# source file in DIRECTORY; compilers will name page and line. RESULT receives for each block
# `file|line|kind|of`: the source file, its first line in the page, one of source, prelude, file,
# and what the comment names. A page that cannot be read so is an error.
function(portfire_doc_blocks page directory result)
  set(blocks "")
  file(READ ${PORTFIRE_ROOT}/${page} text)
  if(text MATCHES "\n[ \t]+```cpp")
    message(FATAL_ERROR "${page}: a block of C++ must not be indented, or nobody compiles it")
  endif()
  string(REGEX REPLACE "[/.]" "_" stem ${page})
  set(before "")  # all that has been read
  while(TRUE)
    string(FIND "${text}" "\n```cpp\n" start)
    if(start EQUAL -1)
      break()
    endif()
    string(SUBSTRING "${text}" 0 ${start} lead)
    math(EXPR body_start "${start} + 8")
    string(SUBSTRING "${text}" ${body_start} -1 text)
    string(FIND "${text}" "\n```" end)
    if(end EQUAL -1)
      message(FATAL_ERROR "${page}: a block of C++ does not end")
    endif()
    string(SUBSTRING "${text}" 0 ${end} body)
    math(EXPR rest_start "${end} + 4")
    string(SUBSTRING "${text}" ${rest_start} -1 text)

    string(APPEND before "${lead}\n```cpp\n")
    string(REGEX REPLACE "[^\n]" "" newlines "${before}")
    string(LENGTH "${newlines}" line)
    math(EXPR line "${line} + 1")
    string(APPEND before "${body}\n```")

    set(kind source)
    set(of "")
    if(lead MATCHES "<!-- example: ([^\n]*) -->$")
      set(directive ${CMAKE_MATCH_1})
      if(NOT directive MATCHES "^(prelude|file)=([A-Za-z0-9_./]+)$")
        message(FATAL_ERROR "${page}:${line}: `${directive}` is neither prelude=… nor file=…")
      endif()
      set(kind ${CMAKE_MATCH_1})
      set(of ${CMAKE_MATCH_2})
    endif()
    set(code "${body}\n")
    if(NOT kind STREQUAL "file")
      set(code "#line ${line} \"${page}\"\n${body}\n")
    endif()
    if(kind STREQUAL "prelude")
      set(prelude ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/preludes/${of}.cpp.in)
      if(NOT EXISTS ${prelude})
        message(FATAL_ERROR "${page}:${line}: there is no prelude `${of}`")
      endif()
      file(READ ${prelude} wrapped)
      string(REPLACE "@BLOCK@\n" "${code}" code "${wrapped}")
    endif()
    set(file ${directory}/${stem}_${line}.cpp)
    file(CONFIGURE OUTPUT ${file} CONTENT "@code@" @ONLY)  # leaves an unchanged file alone
    list(APPEND blocks "${file}|${line}|${kind}|${of}")
  endwhile()
  set(${result} "${blocks}" PARENT_SCOPE)
endfunction()
