// Glue's errors, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string_view>

namespace engine::glue {

inline AwsError no_such_database(std::string_view name) {
  return {"EntityNotFoundException", fmt::format("Database {} not found.", name)};
}
inline AwsError no_such_table(std::string_view name) {
  return {"EntityNotFoundException", fmt::format("Table {} not found.", name)};
}
inline AwsError no_such_version() { return {"EntityNotFoundException", "Version not found."}; }
inline AwsError no_such_partition() {
  return {"EntityNotFoundException", "Cannot find partition."};
}
inline AwsError no_such_crawler(std::string_view name) {
  return {"EntityNotFoundException", fmt::format("Crawler with name {} does not exist", name)};
}
inline AwsError database_exists() { return {"AlreadyExistsException", "Database already exists."}; }
inline AwsError table_exists() { return {"AlreadyExistsException", "Table already exists."}; }
inline AwsError partition_exists() {
  return {"AlreadyExistsException", "Partition already exists."};
}
inline AwsError crawler_exists(std::string_view name) {
  return {"AlreadyExistsException", fmt::format("Crawler with name {} already exists", name)};
}
inline AwsError invalid_input(std::string_view message) {
  return {"InvalidInputException", std::string(message)};
}
inline AwsError invalid_token() { return invalid_input("The continuation token is invalid."); }

}  // namespace engine::glue
