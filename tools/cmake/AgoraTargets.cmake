# SPDX-FileCopyrightText: The Agora authors
# SPDX-License-Identifier: Apache-2.0
#
# One CMake target a folder: agora_library() in each folder of proto, runtime,
# storage and actors; agora_program() in each of tools; agora_test() in tests.

include(GNUInstallDirs)

add_library(agora_compile_options INTERFACE)
target_compile_options(agora_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${AGORA_WARNINGS_AS_ERRORS}>:-Werror>)

# The one precompiled header. A file with an actor takes 8 to 18 s to compile
# without it and about half with it.
add_library(agora_pch OBJECT ${PROJECT_SOURCE_DIR}/tools/cmake/pch.cpp)
target_precompile_headers(agora_pch PRIVATE ${PROJECT_SOURCE_DIR}/tools/cmake/pch.hpp)
target_link_libraries(agora_pch PRIVATE agora_compile_options CAF::io
                      spdlog::spdlog protobuf::libprotobuf)

# What programs allocate with that live long or are busy. It takes malloc's
# place when it is linked; the sanitizers have one of their own.
add_library(agora_allocator INTERFACE)
if(AGORA_JEMALLOC)
  find_library(AGORA_JEMALLOC_LIBRARY jemalloc REQUIRED)
  target_link_libraries(agora_allocator INTERFACE ${AGORA_JEMALLOC_LIBRARY})
  target_sources(agora_allocator INTERFACE
    ${PROJECT_SOURCE_DIR}/tools/cmake/allocator.cpp)
endif()

# agora_library(<folder/name> [ACTORS] SOURCES... [DEPENDS...])
#
# Creates target agora_<folder>_<name> with alias agora::<folder>_<name>.
# ACTORS: the sources include CAF's heavy headers and use the precompiled one.
function(agora_library name)
  cmake_parse_arguments(arg "ACTORS" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  add_library(agora_${target} STATIC ${arg_SOURCES})
  add_library(agora::${target} ALIAS agora_${target})
  target_include_directories(agora_${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/agora>)
  # For those who find us installed; here it is the default.
  target_compile_features(agora_${target} PUBLIC cxx_std_20)
  target_link_libraries(agora_${target} PUBLIC ${arg_DEPENDS}
                        PRIVATE $<BUILD_INTERFACE:agora_compile_options>)
  if(arg_ACTORS)
    target_precompile_headers(agora_${target} REUSE_FROM agora_pch)
    set_target_properties(agora_${target} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
endfunction()

# agora_program(<name> [ACTORS] SOURCES... [DEPENDS...])
function(agora_program name)
  cmake_parse_arguments(arg "ACTORS" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} agora_compile_options)
  if(arg_ACTORS)
    target_precompile_headers(${name} REUSE_FROM agora_pch)
    set_target_properties(${name} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
endfunction()

# agora_test(<name> [ACTORS] [INTEGRATION] SOURCES... [DEPENDS...] [TIMEOUT s])
#
# A GoogleTest program whose cases ctest knows one by one. INTEGRATION tests
# start real processes: they get the label "integration" and the path of the
# programs in AGORA_BIN_DIR.
function(agora_test name)
  cmake_parse_arguments(arg "ACTORS;INTEGRATION" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${AGORA_TEST_PATIENCE}")
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} agora_compile_options
                        GTest::gmock GTest::gtest_main)
  if(arg_ACTORS)
    target_precompile_headers(${name} REUSE_FROM agora_pch)
    set_target_properties(${name} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
  if(arg_INTEGRATION)
    set(label integration)
  else()
    set(label unit)
  endif()
  gtest_discover_tests(${name}
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${timeout} LABELS ${label}
               ENVIRONMENT "AGORA_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()

# agora_benchmark(<name> [ACTORS] SOURCES... [DEPENDS...])
#
# A Google Benchmark program in benchmarks/ of the build directory.
function(agora_benchmark name)
  cmake_parse_arguments(arg "ACTORS" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benchmarks)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} agora_compile_options
                        benchmark::benchmark_main)
  if(arg_ACTORS)
    target_precompile_headers(${name} REUSE_FROM agora_pch)
    set_target_properties(${name} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
  add_test(NAME benchmark.${name}
           COMMAND ${name} --benchmark_min_time=0.001 --benchmark_filter=-full)
  set_tests_properties(benchmark.${name} PROPERTIES
                       TIMEOUT 60 LABELS benchmark)
endfunction()

# agora_fuzz_target(<name> [DEPENDS...])
#
# Builds <name>.cpp and a test that shows it tests/fuzz/corpus/<name>: with
# AGORA_FUZZ it is a libFuzzer program, which tools/fuzz lets look for more.
function(agora_fuzz_target name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(AGORA_FUZZ)
    add_executable(${name} ${name}.cpp)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(show_once -runs=0)
  else()
    add_executable(${name} ${name}.cpp replay_main.cpp)
    set(show_once)
  endif()
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} agora_compile_options)
  add_test(NAME fuzz.${name} COMMAND ${name} ${show_once} ${corpus})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 60 LABELS unit)
endfunction()
