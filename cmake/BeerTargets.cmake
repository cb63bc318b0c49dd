# Two words for the whole tree: a folder is a library (beer_library) and may hold programs (beer_program).

# One precompiled header serves every target. Only what nearly every unit needs stands in it.
add_library(beer_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(beer_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
target_include_directories(beer_pch PUBLIC ${CMAKE_SOURCE_DIR}/src)
link_libraries(fmt::fmt)  # in the precompiled header, so every unit must see its definitions
target_link_libraries(beer_pch PUBLIC fmt::fmt)

# Tests have one of their own, with GoogleTest in it, and are compiled without optimisation: what they
# call is optimised, and they are built in half the time.
add_library(beer_test_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(beer_test_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch_test.h)
target_include_directories(beer_test_pch PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(beer_test_pch PUBLIC GTest::gtest GTest::gmock)
target_compile_options(beer_test_pch PRIVATE -O0)
set_target_properties(beer_test_pch PROPERTIES EXCLUDE_FROM_ALL TRUE)

# beer_library(NAME [DEPS target…] [EXCLUDE regex] [TEST_DEPS target…])
#   Builds NAME from every *.cc of this folder and its subfolders that is not a test, a benchmark, a
#   fuzzer or a main, NAME_test from every *_test.cc, and a fuzz target of each *_fuzz.cc.  Headers are
#   included by their path below src/.
function(beer_library name)
  cmake_parse_arguments(ARG "" "EXCLUDE" "DEPS;TEST_DEPS" ${ARGN})
  # By the path below this folder: where the checkout lies is nothing EXCLUDE may match.
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
       ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(TRANSFORM sources PREPEND "/")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|main)\\.cc$")
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCLUDE}")
    list(FILTER tests EXCLUDE REGEX "${ARG_EXCLUDE}")
    list(FILTER fuzzers EXCLUDE REGEX "${ARG_EXCLUDE}")
  endif()
  list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_SOURCE_DIR}")
  list(TRANSFORM tests PREPEND "${CMAKE_CURRENT_SOURCE_DIR}")
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  target_precompile_headers(${name} REUSE_FROM beer_pch)
  if(tests)
    beer_test(${name}_test SOURCES ${tests} DEPS ${name} ${ARG_TEST_DEPS})
  endif()
  foreach(fuzzer ${fuzzers})
    beer_fuzz(${CMAKE_CURRENT_SOURCE_DIR}${fuzzer} DEPS ${name} ${ARG_TEST_DEPS})
  endforeach()
endfunction()

# The folders tests need, for those that include it: on the command line they would keep the compiler
# cache from knowing a test again in another checkout.
file(CONFIGURE OUTPUT generated/tests/test_places.h CONTENT [[
// Where this build stands; made by CMake.
#pragma once
#define BEER_SOURCE_DIR "@CMAKE_SOURCE_DIR@"
#define BEER_BIN_DIR "@CMAKE_RUNTIME_OUTPUT_DIRECTORY@"
]] @ONLY)

# beer_test(NAME SOURCES file… DEPS target…)   one GoogleTest executable, one ctest entry
function(beer_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM beer_test_pch)
  target_compile_options(${name} PRIVATE -O0)
  target_include_directories(${name} PRIVATE ${CMAKE_BINARY_DIR}/generated/tests)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_property(GLOBAL APPEND PROPERTY BEER_TESTS ${name})
endfunction()

# beer_fuzz(SOURCE DEPS target…)   x_fuzz.cc as x_fuzz: under the preset `fuzz` a fuzzer; in every other
# build a program that runs the committed corpus, tests/fuzz/corpus/x, and its ctest entry
function(beer_fuzz source)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} EXCLUDE_FROM_ALL ${source})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  list(GET ARG_DEPS 0 library)
  target_compile_definitions(${name} PRIVATE $<TARGET_PROPERTY:${library},COMPILE_DEFINITIONS>)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(BEER_SANITIZE MATCHES fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY BEER_FUZZERS ${name})
    return()
  endif()
  string(REGEX REPLACE "_fuzz$" "" corpus ${name})
  target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/driver.cc)
  add_test(NAME ${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${corpus})
  set_property(GLOBAL APPEND PROPERTY BEER_TESTS ${name})
endfunction()

# beer_program(NAME SOURCES file… DEPS target…)   an executable in build/bin
function(beer_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${name} REUSE_FROM beer_pch)
endfunction()

# beer_bench(NAME SOURCES file… DEPS target…)   a benchmark in build/bench, built by `make bench` alone
function(beer_bench name)
  beer_program(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL TRUE RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  set_property(GLOBAL APPEND PROPERTY BEER_BENCHMARKS ${name})
endfunction()

# beer_folders(DIR…)   the subfolders that make up this one, in the order data passes them
function(beer_folders)
  foreach(folder ${ARGN})
    add_subdirectory(${folder})
  endforeach()
endfunction()
