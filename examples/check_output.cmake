# Runs an example and compares what it prints with the lines after `// Prints:` at its end; after
# `// Prints, whatever its order:` only the set of lines counts. Log lines do not count.
file(READ ${SOURCE} source)
string(FIND "${source}" "\n// Prints" start REVERSE)
if(start EQUAL -1)
  message(FATAL_ERROR "${SOURCE} does not say what it prints")
endif()
string(SUBSTRING "${source}" ${start} -1 promise)
string(REGEX MATCH "whatever its order" any_order "${promise}")
string(REGEX REPLACE "^\n// Prints[^\n]*\n" "" expected "${promise}")
string(REGEX REPLACE "//   ([^\n]*)" "\\1" expected "${expected}")

# In an empty directory: some leave files.
file(REMOVE_RECURSE ${DIRECTORY})
file(MAKE_DIRECTORY ${DIRECTORY})
execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY ${DIRECTORY}
  OUTPUT_VARIABLE printed RESULT_VARIABLE result)
string(REGEX REPLACE "\\[[^\n]* portfire: [^\n]*\n" "" printed "${printed}")
if(any_order)
  foreach(text expected printed)
    string(REPLACE "\n" ";" lines "${${text}}")
    list(SORT lines)
    list(JOIN lines "\n" ${text})
  endforeach()
endif()
if(NOT result EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "${SOURCE} ended with ${result} and printed\n${printed}\nnot\n${expected}")
endif()
