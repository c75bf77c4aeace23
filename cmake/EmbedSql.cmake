# Embeds SQL files as C++ constants, so that statements live in .sql files, one comment apart from
# the reason for each, and a misspelt name does not compile.
#
# portfire_embed_sql(TARGET NAMESPACE QUERIES file… MIGRATIONS file… [FUNCTIONS file…])
#   Gives TARGET a generated header `embedded_sql.hpp` with, in NAMESPACE,
#     enum class Query            one enumerator per `-- name: enumerator` line, in order
#     query_texts[]               the statement of each
#     migration_texts[]           the whole files, in order; entry n migrates to version n + 1
#     function_texts[]            the whole files, in order; only where there are any

if(CMAKE_SCRIPT_MODE_FILE)
  # Run by the build: writes the header.
  set(names "")
  set(texts "")
  foreach(file IN LISTS QUERIES)
    file(READ ${file} content)
    string(REGEX MATCHALL "-- name: [a-z0-9_]+" found "${content}")
    list(APPEND names ${found})
    # What stands before the first name speaks about the file and is left out.
    string(FIND "${content}" "-- name: " start)
    string(SUBSTRING "${content}" ${start} -1 content)
    string(REGEX REPLACE "-- name: ([a-z0-9_]+)\n" ")sql\",\n    // \\1\n    R\"sql("
           content "${content}")
    string(APPEND texts "${content}")
  endforeach()
  string(SUBSTRING "${texts}" 6 -1 texts)  # the first has nothing to close
  string(REPLACE "-- name: " "" names "${names}")
  list(LENGTH names count)
  list(JOIN names ",\n  " enumerators)
  foreach(kind MIGRATIONS FUNCTIONS)
    set(texts_of_${kind} "")
    foreach(file IN LISTS ${kind})
      file(READ ${file} content)
      string(APPEND texts_of_${kind} "    R\"sql(${content})sql\",\n")
    endforeach()
  endforeach()
  set(functions "")
  if(FUNCTIONS)
    set(functions "inline constexpr const char* function_texts[] = {
${texts_of_FUNCTIONS}};

")
  endif()
  file(WRITE ${OUTPUT} "// Generated from the .sql files by cmake/EmbedSql.cmake.
#pragma once

#include <array>
#include <cstdint>

namespace ${NAMESPACE} {

enum class Query : std::uint16_t {
  ${enumerators},
};

inline constexpr std::array<const char*, ${count}> query_texts{
${texts})sql\"};

inline constexpr const char* migration_texts[] = {
${texts_of_MIGRATIONS}};

${functions}}  // namespace ${NAMESPACE}
")
  return()
endif()

function(portfire_embed_sql target namespace)
  cmake_parse_arguments(arg "" "" "QUERIES;MIGRATIONS;FUNCTIONS" ${ARGN})
  foreach(kind QUERIES MIGRATIONS FUNCTIONS)
    list(TRANSFORM arg_${kind} PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  endforeach()
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/generated)
  add_custom_command(
    OUTPUT ${directory}/embedded_sql.hpp
    COMMAND ${CMAKE_COMMAND} "-DQUERIES=${arg_QUERIES}" "-DMIGRATIONS=${arg_MIGRATIONS}"
            "-DFUNCTIONS=${arg_FUNCTIONS}" -DNAMESPACE=${namespace}
            -DOUTPUT=${directory}/embedded_sql.hpp
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedSql.cmake
    DEPENDS ${arg_QUERIES} ${arg_MIGRATIONS} ${arg_FUNCTIONS}
            ${PROJECT_SOURCE_DIR}/cmake/EmbedSql.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${directory}/embedded_sql.hpp)
  target_include_directories(${target} PRIVATE ${directory})
endfunction()
