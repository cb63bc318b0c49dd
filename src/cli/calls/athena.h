// SQL through Athena.
#pragma once

#include "cli/output/table.h"
#include "cli/session.h"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct QueryResult {
  std::vector<std::string> names, types;  ///< of the columns; Athena's words: "varchar", "double"
  std::vector<std::vector<std::optional<std::string>>> rows;  ///< nothing is NULL
  std::uint64_t scanned_bytes = 0;

  /// An array of an object a row; numbers and booleans by the columns' types.
  boost::json::value to_json() const;
  /// NULL is `null`.
  Table to_table(std::string_view null = "") const;
  /// The same with the columns' types below their names, for people.
  Table to_typed_table() const;
};

/// The query was stopped, on the server too, since the user asked for it.
struct QueryStopped : std::runtime_error {
  QueryStopped() : std::runtime_error("the query was cancelled") {}
};

/// Waits at most that long; true when the query shall be stopped.
using Pause = std::function<bool(std::chrono::milliseconds)>;

/// Runs one statement in the system's workgroup and database, and reads its whole result. Throws
/// std::runtime_error with Athena's reason when the query fails, QueryStopped when `pause` says so.
QueryResult run_query(Session& session, const std::string& sql, const Pause& pause = {});

}  // namespace cli
