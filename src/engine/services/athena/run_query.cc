// Which kind of statement it is, and the rows of those that have some.
#include "engine/services/athena/run_query.h"

#include "engine/services/athena/create_view.h"
#include "engine/services/athena/ddl.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/query_session.h"
#include "engine/services/athena/explain_statement.h"
#include "engine/services/athena/run_write.h"
#include "lib/base/ids.h"

namespace engine::athena {
namespace {

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
          .form = ResultForm::kText,
          .rows = result.rows.size()};
}

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

QueryOutput run_select(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                       Cancellation& cancellation) {
  QuerySession session(glue, s3, input, cancellation);
  try {
    const Translation translation = session.open(input.sql);
    duck::Statement statement = session.connection().prepare(translation.sql);
    if (statement.kind() != duck::StatementKind::kSelect)
      throw QueryError("NOT_SUPPORTED: line 1:1: Queries of this type are not supported");
    cancellation.check();
    duck::Result rows = statement.stream();
    QueryOutput output =
        write_rows(rows, result_names(translation, rows.columns()), input, cancellation);
    output.bytes_scanned = session.bytes();
    output.files_opened = session.files();
    output.planning = session.planning();
    return output;
  } catch (const duck::Error& error) {
    session.fail(error, input.sql);
  }
}

QueryOutput write_lines(const std::string& column, const std::string& text,
                        const QueryInput& input) {
  QueryOutput output;
  output.columns.push_back(column_info(column, {.kind = duck::Kind::kVarchar}));
  CsvFile file(scratch_file(input));
  file.add({column});
  for (const ResultRow& line : read_lines(text, text.size()).rows) {
    file.add(line);
    ++output.rows;
  }
  output.file = file.finish();
  return output;
}

// Deviation: the plan is DuckDB's; the types LOGICAL, DISTRIBUTED and IO all give it.
QueryOutput run_explain(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                        Cancellation& cancellation) {
  const ExplainStatement statement = read_explain(input.sql);
  QuerySession session(glue, s3, input, cancellation);
  try {
    const Translation translation = session.open(statement.query);
    duck::Connection& connection = session.connection();
    // Before anything that isn't a query could run.
    if (connection.prepare(translation.sql).kind() != duck::StatementKind::kSelect)
      throw QueryError("NOT_SUPPORTED: line 1:1: Queries of this type are not supported");
    if (statement.validate) return write_lines("Valid", "true\n", input);
    std::string plan;
    duck::Result rows = connection.query(
        fmt::format("EXPLAIN {} {}", statement.analyze ? "ANALYZE"
                                     : statement.json  ? "(FORMAT JSON)"
                                                       : "",
                    translation.sql));
    while (rows.next()) plan += rows[rows.columns().size() - 1].text() + '\n';
    plan = session.without_paths(std::move(plan));
    if (!statement.json)
      plan += fmt::format("Input: {} files, {} bytes\n", session.files(), session.bytes());
    QueryOutput output = write_lines("Query Plan", plan, input);
    output.bytes_scanned = statement.analyze ? session.bytes() : 0;
    output.files_opened = session.files();
    output.planning = session.planning();
    return output;
  } catch (const duck::Error& error) {
    session.fail(error, statement.query);
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
      return run_select(glue, s3, input, cancellation);
    case StatementClass::kExplain:
      return run_explain(glue, s3, input, cancellation);
    case StatementClass::kDdl:
    case StatementClass::kUtility:
      return run_statement(glue, s3, input);
    case StatementClass::kCreateView:
      return create_view(glue, s3, input, cancellation);
    case StatementClass::kWrite:
      return run_write(glue, s3, input, cancellation);
    default:
      break;
  }
  throw QueryError(
      "NOT_SUPPORTED: this statement is Athena's, but this engine does not run it: it has no "
      "Iceberg tables (MERGE, UPDATE, DELETE, OPTIMIZE, VACUUM)");
}

}  // namespace engine::athena
