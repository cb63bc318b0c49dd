// A query has a database of its own in memory: a view for each table it names, then the lock, then
// the user's statement. It sees the files of those tables and nothing else of this machine.
#include "engine/services/athena/run_query.h"

#include "engine/services/athena/ddl.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_table.h"
#include "engine/services/athena/sql_text.h"
#include "lib/base/ids.h"

#include <map>

namespace engine::athena {
namespace {

constexpr const char* kMemoryLimit = "1GB";
constexpr int kThreads = 2;

std::string scratch_file(const QueryInput& input) {
  static base::Ids ids;
  return fmt::format("{}/result-{}", input.scratch, ids.hex(16));
}

QueryOutput run_statement(glue::Glue& glue, const s3::S3& s3, const QueryInput& input) {
  const DdlResult result = run_ddl({glue, s3, input.database}, input.sql);
  std::string text;
  for (const ResultRow& row : result.rows) text += row.at(0).value_or("") + '\n';
  return {.columns = result.columns,
          .file = http::Body(std::move(text)),
          .csv = false,
          .rows = result.rows.size()};
}

// The tables of a query as views in memory."database"."table".
class Views {
 public:
  Views(duck::Connection& session, glue::Glue& glue, const s3::S3& s3)
      : session_(session), glue_(glue), s3_(s3) {}

  void add(const TableName& name, std::string_view sql) {
    const auto table = glue_.find_table(name.database, name.table);
    if (!table) throw missing(name, sql);
    LakeTable source = lake_table(session_, glue_, s3_, *table);
    files_.merge(source.files);
    bytes_ += source.bytes;
    session_.execute_all(
        fmt::format("CREATE SCHEMA IF NOT EXISTS memory.{0}; CREATE VIEW memory.{0}.{1} AS {2}",
                    duck::quote_name(name.database), duck::quote_name(name.table), source.select));
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& [path, uri] : files_) paths.push_back(path);
    return paths;
  }
  std::uint64_t bytes() const { return bytes_; }

  // Names objects, not files of this machine, in a message.
  std::string without_paths(std::string message) const {
    for (const auto& [path, uri] : files_) {
      const std::size_t at = message.find(path);
      if (at != std::string::npos) message.replace(at, path.size(), uri);
    }
    return message;
  }

 private:
  QueryError missing(const TableName& name, std::string_view sql) const {
    const bool database = glue_.find_database(name.database).has_value();
    const std::string what =
        database ? fmt::format("TABLE_NOT_FOUND: {}: Table 'awsdatacatalog.{}.{}' does not exist",
                               place(sql, name.position), name.database, name.table)
                 : fmt::format("SCHEMA_NOT_FOUND: {}: Schema '{}' does not exist",
                               place(sql, name.position), name.database);
    return QueryError(what);
  }

  duck::Connection& session_;
  glue::Glue& glue_;
  const s3::S3& s3_;
  std::map<std::string, std::string> files_;
  std::uint64_t bytes_ = 0;
};

QueryOutput write_rows(duck::Result& rows, const std::vector<std::string>& names,
                       const QueryInput& input, Cancellation& cancellation) {
  QueryOutput output;
  CsvFile file(scratch_file(input));
  ResultRow header;
  for (std::size_t i = 0; i < names.size(); ++i) {
    output.columns.push_back(column_info(names[i], rows.columns()[i].type));
    header.push_back(names[i]);
  }
  file.add(header);
  ResultRow row(names.size());
  while (rows.next()) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = cell_text(rows[i]);
    file.add(row);
    if (++output.rows % 1024 == 0) cancellation.check();
  }
  output.file = file.finish();
  return output;
}

// A plan as lines of one column.
QueryOutput write_plan(duck::Result& rows, const QueryInput& input) {
  QueryOutput output;
  output.columns.push_back(column_info("Query Plan", {.kind = duck::Kind::kVarchar}));
  CsvFile file(scratch_file(input));
  file.add({"Query Plan"});
  while (rows.next()) {
    const std::string plan = rows[rows.columns().size() - 1].text();
    for (const ResultRow& line : read_lines(plan, plan.size()).rows) {
      file.add(line);
      ++output.rows;
    }
  }
  output.file = file.finish();
  return output;
}

QueryOutput run_select(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                       std::string_view sql, bool explained, Cancellation& cancellation) {
  duck::Database database({.temp_directory = input.scratch,
                           .memory_limit = kMemoryLimit,
                           .threads = kThreads,
                           .lock = false});
  duck::Connection session(database);
  const Cancellation::Scope scope(cancellation, session);
  Views views(session, glue, s3);
  try {
    session.execute_all(session_setup());
    const Translation translation = translate(session, sql, input.database);
    for (const TableName& table : translation.tables) {
      cancellation.check();
      views.add(table, sql);
    }
    // Deviation: whole files are counted, before they are read; AWS counts what it has read so far.
    if (views.bytes() > input.scan_limit) {
      throw QueryCancelled("Bytes scanned limit was exceeded");
    }
    database.lock({}, views.paths());
    duck::Statement statement = session.prepare((explained ? "EXPLAIN " : "") + translation.sql);
    if (statement.kind() !=
        (explained ? duck::StatementKind::kExplain : duck::StatementKind::kSelect)) {
      throw QueryError("NOT_SUPPORTED: line 1:1: Queries of this type are not supported");
    }
    cancellation.check();
    duck::Result rows = statement.stream();
    QueryOutput output = explained ? write_plan(rows, input)
                                   : write_rows(rows, result_names(translation, rows.columns()),
                                                input, cancellation);
    output.bytes_scanned = views.bytes();
    return output;
  } catch (const duck::Error& error) {
    if (cancellation.requested()) throw QueryCancelled();
    throw QueryError(views.without_paths(explain(error, sql)));
  }
}

}  // namespace

void Cancellation::request() {
  requested_ = true;
  const std::lock_guard lock(mutex_);
  if (connection_) connection_->interrupt();
}

void Cancellation::check() const {
  if (requested_) throw QueryCancelled();
}

Cancellation::Scope::Scope(Cancellation& cancellation, duck::Connection& connection)
    : cancellation_(cancellation) {
  const std::lock_guard lock(cancellation_.mutex_);
  cancellation_.connection_ = &connection;
}

Cancellation::Scope::~Scope() {
  const std::lock_guard lock(cancellation_.mutex_);
  cancellation_.connection_ = nullptr;
}

QueryOutput run_query(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                      Cancellation& cancellation) {
  cancellation.check();
  switch (classify(input.sql)) {
    case StatementClass::kQuery:
      return run_select(glue, s3, input, input.sql, false, cancellation);
    case StatementClass::kExplain: {
      const auto tokens = tokenize(input.sql);
      return run_select(glue, s3, input, std::string_view(input.sql).substr(tokens[0].end), true,
                        cancellation);
    }
    case StatementClass::kDdl:
    case StatementClass::kUtility:
      return run_statement(glue, s3, input);
    default:
      break;
  }
  // Deviation: CREATE TABLE AS, INSERT, UNLOAD, views and EXECUTE are not run here.
  throw QueryError(
      "NOT_SUPPORTED: this engine runs SELECT, CREATE EXTERNAL TABLE, CREATE/DROP DATABASE, DROP "
      "TABLE, "
      "ALTER TABLE, MSCK REPAIR TABLE, SHOW and DESCRIBE; CREATE TABLE AS, INSERT, UNLOAD and "
      "views are "
      "not supported");
}

}  // namespace engine::athena
