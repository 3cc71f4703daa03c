# SPDX-FileCopyrightText: The Agora authors
# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` gives:
#
#   bin/                  the programs
#   include/agora/        headers, under their paths from the root of this tree,
#                         and what protoc has made, under agora/
#   lib/                  the libraries behind agora::framework and
#                         agora::testing
#   lib/cmake/agora/      the CMake package
#   share/agora/proto/    the .proto files
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# agora_libraries_behind(<variable> <target>...): the targets, and all of ours
# that they link.
function(agora_libraries_behind variable)
  set(found)
  set(left ${ARGN})
  while(left)
    list(POP_FRONT left name)
    if(NOT TARGET ${name})
      continue()
    endif()
    get_target_property(aliased ${name} ALIASED_TARGET)
    if(aliased)
      set(name ${aliased})
    endif()
    get_target_property(imported ${name} IMPORTED)
    if(imported OR name IN_LIST found)
      continue()
    endif()
    list(APPEND found ${name})
    get_target_property(needed ${name} INTERFACE_LINK_LIBRARIES)
    if(needed)
      list(APPEND left ${needed})
    endif()
  endwhile()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

agora_libraries_behind(libraries agora_framework agora_testing)
foreach(library ${libraries})
  # agora_runtime_base is agora::runtime_base for those who find the package.
  string(REGEX REPLACE "^agora_" "" exported ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${exported})
  get_target_property(folder ${library} SOURCE_DIR)
  list(APPEND folders ${folder})
endforeach()
list(REMOVE_DUPLICATES folders)

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/agora)
foreach(folder ${folders})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder})
  file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  install(FILES ${found} DESTINATION ${headers}/${folder})
endforeach()
file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/actors/*.hpp)
install(FILES ${found} DESTINATION ${headers}/actors)
install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/agora DESTINATION ${headers}
        FILES_MATCHING PATTERN "*.pb.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/agora
        DESTINATION ${CMAKE_INSTALL_DATADIR}/agora/proto
        FILES_MATCHING PATTERN "*.proto")

install(TARGETS ${libraries} EXPORT agoraTargets)
install(TARGETS agora agora-load agora-shim agora-word-count
                agora-word-count-executor agorad)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/agora)
install(EXPORT agoraTargets NAMESPACE agora:: DESTINATION ${package})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/agoraConfig.cmake.in
  ${PROJECT_BINARY_DIR}/agoraConfig.cmake
  INSTALL_DESTINATION ${package}
  PATH_VARS CMAKE_INSTALL_DATADIR)
# Before 1.0, any minor version may change what schedulers are written against.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/agoraConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/agoraConfig.cmake
              ${PROJECT_BINARY_DIR}/agoraConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake
        DESTINATION ${package})
