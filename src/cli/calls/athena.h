// SQL through Athena.
#pragma once

#include "cli/output/table.h"
#include "cli/session.h"

#include <boost/json/value.hpp>

#include <cstdint>
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
};

/// Runs one statement in the system's workgroup and database, and reads its whole result. Throws
/// std::runtime_error with Athena's reason when the query fails.
QueryResult run_query(Session& session, const std::string& sql);

}  // namespace cli
