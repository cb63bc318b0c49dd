// Trino's SQL made DuckDB's: names of tables resolved, functions renamed, what may not be asked
// refused.
#pragma once

#include "engine/services/athena/sql_text.h"
#include "lib/duckdb/database.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// A table that a statement names, after the default database was filled in. Lower case.
struct TableName {
  std::string database, table;
  std::size_t position = 0;  ///< in the statement
  bool with_file_columns = false;  ///< the statement names one of kFileColumns

  bool operator==(const TableName& other) const {
    return database == other.database && table == other.table &&
           with_file_columns == other.with_file_columns;
  }

  /// The name of the view that stands for it.
  std::string view() const { return with_file_columns ? table + "$files" : table; }
};

/// Columns that every table has and no star shows: of the object that a row is from, its URI, bytes
/// and time, and its partition ("year=2026/month=01").
inline constexpr std::string_view kFileColumns[] = {"$path", "$file_size", "$file_modified_time",
                                                    "$partition"};

/// The schema of a query's DuckDB database that stands for a database of the catalog. Another name than
/// DuckDB's own information_schema, which isn't the catalog's.
inline std::string lake_schema(const std::string& database) {
  return database == "information_schema" ? "$information_schema" : database;
}

struct Translation {
  std::string sql;                ///< for DuckDB; tables are memory."database"."table"
  std::string tree;               ///< `sql` as a tree whose positions are those of the user's text
  std::vector<Edit> syntax_edits;  ///< made in the user's text before it was parsed
  std::vector<TableName> tables;  ///< each once
  std::set<std::string> functions;  ///< of ours that it calls: for define_functions()
  std::vector<std::string>
      column_names;  ///< of the result as far as the text tells, "" if it doesn't
  bool has_star = false;
};

/// SQL that gives a DuckDB session Trino's settings and the functions DuckDB lacks. For
/// Connection::execute_all() before the database is locked.
std::string_view session_setup();

/// Translates one query (SELECT, WITH, VALUES). `session`, any that was set up, parses it; nothing is
/// executed. Throws QueryError: it does not parse, is no query, or uses table functions or settings
/// of DuckDB.
Translation translate(duck::Connection& session, std::string_view sql,
                      std::string_view default_database);

/// Where in the user's text stands what DuckDB's messages place at `position` of a translation's
/// SQL.
std::size_t original_position(duck::Connection& session, const Translation& translation,
                              std::size_t position);

/// Athena's names of the result's columns: lower case, _col0 for expressions without a name.
std::vector<std::string> result_names(const Translation& translation,
                                      const std::vector<duck::ResultColumn>& columns);

/// What Athena would say, given DuckDB's error from a session that was set up by session_setup().
std::string explain(const duck::Error& error, std::string_view sql);

/// The same of an error that a translation's SQL gave, `prefix` bytes into what was run.
std::string explain(const duck::Error& error, std::string_view sql, duck::Connection& session,
                    const Translation& translation, std::size_t prefix = 0);

/// The statement with its ? replaced by the parameters, each the text of a literal. Throws
/// QueryError when the numbers differ.
std::string fill_parameters(std::string_view sql, const std::vector<std::string>& parameters);

}  // namespace engine::athena
