# Installs every component that was built, its headers and the package files, so that users write
# find_package(portfire COMPONENTS …). Each component has an export file of its own; that is how the
# package knows which of them are there.

include_guard()
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/portfire)
get_property(components GLOBAL PROPERTY PORTFIRE_COMPONENTS)

foreach(target IN LISTS components)
  install(TARGETS ${target} EXPORT ${target}-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${target}-targets NAMESPACE portfire:: DESTINATION ${package_dir})
endforeach()

# The headers of a component that was not built are left out.
set(exclusions "")
foreach(name sqlite postgresql redis drivers stack_traces dashboard)
  if(NOT TARGET portfire_${name})
    list(APPEND exclusions PATTERN ${name}.hpp EXCLUDE)
  endif()
endforeach()
if(NOT TARGET portfire_testing)
  list(APPEND exclusions PATTERN testing EXCLUDE)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/portfire
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" ${exclusions})

if(TARGET portfire_cli)
  install(TARGETS portfire_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/PortfireConfig.cmake.in ${PROJECT_BINARY_DIR}/portfire-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break users, so only the same minor version is compatible.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/portfire-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/portfire-config.cmake ${PROJECT_BINARY_DIR}/portfire-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindHiredis.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindLibDw.cmake
  DESTINATION ${package_dir})

# Builds exactly what `cmake --install` copies.
add_custom_target(installables DEPENDS ${components})
if(TARGET portfire_cli)
  add_dependencies(installables portfire_cli)
endif()
