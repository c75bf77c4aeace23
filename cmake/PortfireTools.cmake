# Optional tools that make our own builds faster: ccache and mold, used when they are present.
# Only at top level; who embeds Portfire chooses for themselves.

include_guard()

find_program(PORTFIRE_CCACHE ccache)
mark_as_advanced(PORTFIRE_CCACHE)
if(PORTFIRE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_CXX_CLANG_TIDY)
  # Precompiled headers are found again only with these sloppinesses (ccache's manual says why).
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${PORTFIRE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()

find_program(PORTFIRE_MOLD mold)
mark_as_advanced(PORTFIRE_MOLD)
if(PORTFIRE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
