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
/// What reading a crawler answers; starting and changing one says it shorter.
// Verified: answers of AWS in public reports.
inline AwsError no_such_crawler_entry(std::string_view name) {
  return {"EntityNotFoundException",
          fmt::format("Crawler entry with name {} does not exist", name)};
}
inline AwsError database_exists() { return {"AlreadyExistsException", "Database already exists."}; }
inline AwsError table_exists() { return {"AlreadyExistsException", "Table already exists."}; }
inline AwsError partition_exists() {
  return {"AlreadyExistsException", "Partition already exists."};
}
inline AwsError crawler_exists(std::string_view name) {
  return {"AlreadyExistsException", fmt::format("Crawler with name {} already exists", name)};
}
inline AwsError crawler_running(std::string_view name) {
  return {"CrawlerRunningException", fmt::format("Crawler with name {} has already started", name)};
}
inline AwsError crawler_not_running(std::string_view name) {
  return {"CrawlerNotRunningException", fmt::format("Crawler with name {} isn't running", name)};
}
inline AwsError crawler_stopping(std::string_view name) {
  return {"CrawlerStoppingException", fmt::format("Crawler with name {} is stopping", name)};
}
inline AwsError no_schedule(std::string_view name) {
  return {"NoScheduleException", fmt::format("Crawler with name {} has no schedule", name)};
}
inline AwsError scheduler_running(std::string_view name) {
  return {"SchedulerRunningException",
          fmt::format("The schedule of crawler {} is running already", name)};
}
inline AwsError scheduler_not_running(std::string_view name) {
  return {"SchedulerNotRunningException",
          fmt::format("The schedule of crawler {} is not running", name)};
}
inline AwsError no_such_classifier(std::string_view name) {
  return {"EntityNotFoundException", fmt::format("Classifier with name {} does not exist", name)};
}
inline AwsError classifier_exists(std::string_view name) {
  return {"AlreadyExistsException", fmt::format("Classifier with name {} already exists", name)};
}
inline AwsError invalid_input(std::string_view message) {
  return {"InvalidInputException", std::string(message)};
}
inline AwsError invalid_token() { return invalid_input("The continuation token is invalid."); }

}  // namespace engine::glue
