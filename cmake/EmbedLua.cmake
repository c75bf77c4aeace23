# Embeds Lua scripts as C++ constants, with the SHA-1 under which Redis knows each.
#
# portfire_embed_lua(TARGET NAMESPACE name=part,part… …)
#   Each script `name` is made of the files scripts/<part>.lua, in this order, of which the last
#   is that of its own name and need not be listed. Gives TARGET a generated header
#   `embedded_lua.hpp` with a constant `Script <name>` of each in NAMESPACE::scripts.
#
# A script is run from its first line at each call. So what is for people stays here, a key's name
# is put where it is used instead of into a table of them all, and functions that a script never
# calls are left out.

# Sets `text` to what it was without comments and blank lines.
macro(portfire_strip_lua)
  string(REGEX REPLACE "[ \t]*--[ \t-][^\n]*" "" text "${text}")
  string(REGEX REPLACE "[ \t]*--\n" "\n" text "${text}")
  string(REGEX REPLACE "\n\n+" "\n" text "${text}")
endmacro()

# Replaces `key.NAME` by what the table `key` has for it, and takes the table away.
macro(portfire_inline_keys)
  string(REGEX MATCH "\nlocal key = {[^}]*}" table "${text}")
  string(REPLACE "${table}" "" text "${text}")
  string(REGEX MATCHALL "[a-z_]+ = P \\.\\. '[^']*'" entries "${table}")
  foreach(entry IN LISTS entries)
    string(REGEX MATCH "^[a-z_]+" key "${entry}")
    string(REGEX MATCH "P \\.\\. .*" value "${entry}")
    string(REGEX REPLACE "([^a-z_.])key\\.${key}([^a-z_])" "\\1${value}\\2" text "${text}")
  endforeach()
  if(text MATCHES "[^a-z_.]key\\.")
    message(FATAL_ERROR "${name}.lua: a key that keys.lua does not have")
  endif()
endmacro()

# Takes away the functions that nothing else in `text` names.
macro(portfire_drop_unused)
  set(is_smaller TRUE)
  while(is_smaller)
    set(is_smaller FALSE)
    string(REGEX MATCHALL "\nlocal function [a-z_]+" heads "${text}")
    foreach(head IN LISTS heads)
      string(REGEX REPLACE ".* " "" function "${head}")
      string(REPLACE "${head}(" "(" others "${text}")
      if(NOT others MATCHES "[^a-zA-Z_.]${function}[^a-zA-Z_]")
        set(is_smaller TRUE)
        set(before "${text}")
        string(REGEX REPLACE "${head}\\([^\n]* end\n" "\n" text "${text}")
        string(REGEX REPLACE "${head}\\([^\n]*\n(  [^\n]*\n)*end\n" "\n" text "${text}")
        if(text STREQUAL before)
          message(FATAL_ERROR "${name}.lua: ${function} is not laid out as functions are")
        endif()
      endif()
    endforeach()
  endwhile()
endmacro()

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
      string(APPEND text "\n${content}")
    endforeach()
    portfire_strip_lua()
    portfire_inline_keys()
    portfire_drop_unused()
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
