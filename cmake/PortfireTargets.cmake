# How components, tests and their warnings are declared. Sources are always listed by name, so that
# a forgotten file is seen (tests/tidy checks that every file is in a list).

include_guard()

# Flags of our own targets; never passed on to users. What is in one group of files shadows names of
# each other, which says nothing.
add_library(portfire_flags INTERFACE)
target_compile_features(portfire_flags INTERFACE cxx_std_20)
target_compile_options(portfire_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU,Clang>:-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion
  $<$<NOT:$<BOOL:${PORTFIRE_UNITY}>>:-Wshadow>
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>
  # The stable algorithms of libstdc++ 12 use what C++17 has deprecated.
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-deprecated-declarations>
  # Designated initialisers leave the other fields at their defaults on purpose.
  $<$<CXX_COMPILER_ID:GNU,Clang>:-Wno-missing-field-initializers>
  # GCC 12 reports inlined std::string operations that are right (its bugs 105329, 105651, 106199)
  # and strings in temporary aggregates.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict
  -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized>)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(portfire_flags INTERFACE $<$<CXX_COMPILER_ID:GNU,Clang>:-Werror>)
endif()

set_property(GLOBAL PROPERTY PORTFIRE_COMPONENTS "")

# portfire_component(NAME) declares the library portfire_NAME, known to users as portfire::NAME.
# The core is called portfire::portfire.
function(portfire_component name)
  set(target portfire_${name})
  add_library(${target} STATIC)
  add_library(portfire::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:portfire_flags>)
  if(PORTFIRE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  set_property(GLOBAL APPEND PROPERTY PORTFIRE_COMPONENTS ${target})
endfunction()

# What the presets asan and tsan build: the test programs labelled `sanitize`.
if(PORTFIRE_TESTS)
  add_custom_target(sanitize)
endif()

# portfire_test(NAME SOURCES … [LIBRARIES …] [TIMEOUT seconds] [COST number] [LABELS …]) declares a
# GoogleTest program. Every TEST in it becomes one CTest test unless WHOLE is given, which runs the
# program once. Those that cost most are begun first, so that none is left to run alone: those that
# are given more time cost as much as that, if they do not say otherwise. The label `sanitize` has
# it built and run under the sanitizers too. Sources are compiled in groups: those that name things
# alike have a namespace of their own.
function(portfire_test name)
  cmake_parse_arguments(arg "WHOLE" "TIMEOUT;COST" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(arg_TIMEOUT AND NOT arg_COST)
    set(arg_COST ${arg_TIMEOUT})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(properties TIMEOUT ${arg_TIMEOUT})
  # What the others cost, ctest finds out.
  if(arg_COST)
    list(APPEND properties COST ${arg_COST})
  endif()
  if(arg_LABELS)
    list(APPEND properties LABELS ${arg_LABELS})
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}
    PRIVATE portfire_flags GTest::gtest_main GTest::gmock ${arg_LIBRARIES})
  target_precompile_headers(${name} REUSE_FROM portfire_test_pch)
  if("sanitize" IN_LIST arg_LABELS)
    add_dependencies(sanitize ${name})
  endif()
  if(arg_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
      PROPERTIES ${properties})
  endif()
endfunction()
