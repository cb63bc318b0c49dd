# The libraries the project keeps to, each for its own field. Debian 12 packages, but for DuckDB (npm).

find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark QUIET)

pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(xgboost REQUIRED IMPORTED_TARGET xgboost)  # its CMake config is broken in Debian 12

find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_library(MODPBASE64_LIBRARY modpbase64 REQUIRED)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
find_library(JQ_LIBRARY jq REQUIRED)
find_library(EDIT_LIBRARY edit REQUIRED)

# DuckDB comes from npm: `make setup` unpacks the library and its C header there. It is opened with
# dlopen, never linked, so only the header is needed to build.
set(BEER_DUCKDB_DIR ${CMAKE_SOURCE_DIR}/third_party/duckdb CACHE PATH "libduckdb.so and duckdb.h")
if(NOT EXISTS ${BEER_DUCKDB_DIR}/duckdb.h)
  message(FATAL_ERROR "DuckDB is missing in ${BEER_DUCKDB_DIR}: run `make setup`")
endif()
add_library(duckdb_header INTERFACE)
target_include_directories(duckdb_header SYSTEM INTERFACE ${BEER_DUCKDB_DIR})
