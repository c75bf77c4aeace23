# Embeds Lua scripts as C++ constants, with the SHA-1 under which Redis knows each.
#
# portfire_embed_lua(TARGET NAMESPACE name=part,part… …)
#   Each script `name` is made of the files scripts/<part>.lua, in this order, of which the last
#   is that of its own name and need not be listed. Gives TARGET a generated header
#   `embedded_lua.hpp` with a constant `Script <name>` of each in NAMESPACE::scripts.

if(CMAKE_SCRIPT_MODE_FILE)
  # Run by the build: writes the header.
  set(constants "")
  foreach(script IN LISTS SCRIPTS)
    string(REGEX MATCH "^[a-z_]+" name "${script}")
    string(REGEX REPLACE "[=,]" ";" parts "${script}")
    list(POP_FRONT parts)
    set(text "")
    foreach(part IN LISTS parts ITEMS ${name})
      file(READ ${DIRECTORY}/${part}.lua content)
      # What is meant for people stays here.
      string(REGEX REPLACE "(^|\n)--[^\n]*" "\\1" content "${content}")
      string(REGEX REPLACE "\n\n+" "\n" content "${content}")
      string(APPEND text "${content}")
    endforeach()
    string(SHA1 sha1 "${text}")
    string(APPEND constants "inline constexpr Script ${name}{
    \"${name}\",
    R\"lua(${text})lua\",
    \"${sha1}\"};

")
  endforeach()
  file(WRITE ${OUTPUT} "// Generated from the .lua files by cmake/EmbedLua.cmake.
#pragma once

#include \"storage/redis/gateway.hpp\"

namespace ${NAMESPACE}::scripts {

${constants}}  // namespace ${NAMESPACE}::scripts
")
  return()
endif()

function(portfire_embed_lua target namespace)
  set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/scripts)
  set(files "")
  foreach(script IN LISTS ARGN)
    string(REGEX REPLACE "[=,]" ";" parts "${script}")
    foreach(part IN LISTS parts)
      list(APPEND files ${scripts}/${part}.lua)
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES files)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/generated)
  add_custom_command(
    OUTPUT ${directory}/embedded_lua.hpp
    COMMAND ${CMAKE_COMMAND} "-DSCRIPTS=${ARGN}" -DDIRECTORY=${scripts} -DNAMESPACE=${namespace}
            -DOUTPUT=${directory}/embedded_lua.hpp -P ${PROJECT_SOURCE_DIR}/cmake/EmbedLua.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/EmbedLua.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${directory}/embedded_lua.hpp)
  target_include_directories(${target} PRIVATE ${directory})
endfunction()
