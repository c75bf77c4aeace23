# Run by CTest: compiles SOURCE, with the macro MISTAKE when it is given. Without a mistake the
# compiler must succeed; with one it must fail and say something that matches MESSAGE.

# PRECOMPILED is a directory with a precompiled <portfire/portfire.hpp>, if there is one.
set(header "")
if(PRECOMPILED)
  set(header -I${PRECOMPILED} -include portfire/portfire.hpp)
endif()
set(define "")
if(MISTAKE)
  set(define -D${MISTAKE})
endif()
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${header} -I${INCLUDE} ${define} ${SOURCE}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)

if(NOT MISTAKE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "This must compile and does not:\n${output}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "This must not compile and does.")
elseif(NOT output MATCHES "${MESSAGE}")
  message(FATAL_ERROR "The compiler fails, but not with a message like '${MESSAGE}':\n${output}")
endif()
