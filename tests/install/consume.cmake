# Run by CTest: configures, builds and runs the project in SOURCE from scratch in BINARY. With
# EXPECT the configuration must fail with a message that matches.

file(REMOVE_RECURSE ${BINARY})
separate_arguments(DEFINITIONS)

execute_process(
  COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${BINARY}
    -DCMAKE_CXX_COMPILER=${COMPILER} ${DEFINITIONS}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)

if(EXPECT)
  # CMake breaks its messages into lines where it likes.
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(status EQUAL 0 OR NOT output MATCHES "${EXPECT}")
    message(FATAL_ERROR "Expected a failure like '${EXPECT}', got ${status}:\n${output}")
  endif()
  return()
endif()
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The consumer does not configure:\n${output}")
endif()

foreach(command "${CMAKE_COMMAND};--build;${BINARY}" "${BINARY}/consumer")
  execute_process(
    COMMAND ${command}
    WORKING_DIRECTORY ${BINARY}
    RESULT_VARIABLE status
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${command} failed with ${status}:\n${output}")
  endif()
endforeach()
if(NOT output MATCHES "Hello, world!")
  message(FATAL_ERROR "The consumer ran but did not greet:\n${output}")
endif()
