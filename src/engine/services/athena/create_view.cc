// CREATE [OR REPLACE] VIEW name [COMMENT 'text'] AS query
#include "engine/services/athena/create_view.h"

#include "engine/services/athena/column_types.h"
#include "engine/services/athena/ddl_cursor.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/query_session.h"
#include "engine/services/athena/view_text.h"
#include "lib/base/encoding.h"

#include <set>

namespace engine::athena {
namespace {

struct Statement {
  bool or_replace = false;
  QualifiedName name;
  std::string query;   // as its author wrote it
  std::string padded;  // with blanks before it: places in it are the statement's
};

Statement read(std::string_view sql, std::string_view default_database) {
  DdlCursor cursor(sql, default_database);
  Statement statement;
  cursor.expect("create");
  statement.or_replace = cursor.take("or replace");
  cursor.expect("view");
  statement.name = cursor.table_name();
  if (cursor.take("comment")) cursor.text();
  cursor.expect("as");
  if (cursor.at_end()) cursor.fail("<query>");
  statement.query = std::string(sql.substr(cursor.position()));
  statement.padded = std::string(sql);
  for (std::size_t i = 0; i < cursor.position(); ++i) {
    if (statement.padded[i] != '\n') statement.padded[i] = ' ';
  }
  return statement;
}

void check_names(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == fmt::format("_col{}", i)) {
      throw QueryError(fmt::format(
          "COLUMN_NAME_NOT_SPECIFIED: line 1:1: Column name not specified at position {}", i + 1));
    }
    if (!seen.insert(names[i]).second) {
      throw QueryError(fmt::format(
          "DUPLICATE_COLUMN_NAME: line 1:1: Column name '{}' specified more than once", names[i]));
    }
  }
}

void check_place(const glue::Glue& glue, const Statement& statement) {
  const auto& [database, name] = statement.name;
  if (!glue.find_database(database)) {
    throw QueryError(
        fmt::format("SCHEMA_NOT_FOUND: line 1:1: Schema '{}' does not exist", database));
  }
  const auto table = glue.find_table(database, name);
  if (table && !is_view(*table)) {
    throw QueryError(fmt::format(
        "TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.{}.{}'", database,
        name));
  }
  if (table && !statement.or_replace) {
    throw QueryError(fmt::format(
        "VIEW_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.{}.{}'", database,
        name));
  }
}

glue::api::TableInput view_table(const Statement& statement, const Description& description,
                                 std::string_view default_database) {
  ViewDefinition view{.sql = statement.query,
                      .schema = default_database.empty() ? statement.name.database
                                                         : base::to_lower(default_database)};
  std::vector<glue::api::Column> columns;
  for (std::size_t i = 0; i < description.names.size(); ++i) {
    view.columns.push_back({description.names[i], trino_type(description.types[i])});
    columns.push_back({.Name = description.names[i],
                       .Type = hive_type(description.types[i]).value_or("string")});
  }
  glue::api::StorageDescriptor storage{.Columns = std::move(columns), .Location = ""};
  storage.SerdeInfo = glue::api::SerDeInfo{};
  return {.Name = statement.name.table,
          .StorageDescriptor = std::move(storage),
          .PartitionKeys = std::vector<glue::api::Column>{},
          .ViewOriginalText = view_text(view),
          .ViewExpandedText = "/* Presto View */",
          .TableType = "VIRTUAL_VIEW",
          .Parameters = std::map<std::string, std::string>{{"presto_view", "true"},
                                                           {"comment", "Presto View"}}};
}

}  // namespace

QueryOutput create_view(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                        Cancellation& cancellation) {
  const Statement statement = read(input.sql, input.database);
  check_place(glue, statement);
  QuerySession session(glue, s3, input, cancellation);
  try {
    const Description description = session.describe(statement.padded, &statement.name);
    check_names(description.names);
    QueryOutput output{.form = ResultForm::kText};
    output.change.apply = [&glue, database = statement.name.database,
                           view = view_table(statement, description, input.database)](
                              const glue::Glue::Commit& commit) {
      glue.put_table_with(database, view, commit);
    };
    return output;
  } catch (const duck::Error& error) {
    session.fail(error, statement.padded);
  }
}

}  // namespace engine::athena
