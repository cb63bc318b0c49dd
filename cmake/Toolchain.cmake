# How every target is compiled and linked: warnings, ccache and mold where they are present, sanitizers.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

option(BEER_WERROR "Treat warnings as errors" ON)
set(BEER_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined or thread")

add_compile_options(-pthread -Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
# GCC 12 reports these inside its own <string> and <optional> at -O2, where there is nothing wrong.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
                      -Wno-maybe-uninitialized)
endif()
if(BEER_WERROR)
  add_compile_options(-Werror)
endif()
if(BEER_SANITIZE)
  add_compile_options(-fsanitize=${BEER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${BEER_SANITIZE})
endif()

find_program(BEER_CCACHE ccache)
if(BEER_CCACHE)
  # A precompiled header is fine for ccache as long as it may ignore its modification time. Paths are
  # taken relative to the build folder, so that one build folder finds what another has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=1 ${BEER_CCACHE})
endif()

find_program(BEER_MOLD mold)
if(BEER_MOLD AND NOT BEER_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()
find_package(Threads REQUIRED)
link_libraries(Threads::Threads)
