// create := CREATE TABLE [IF NOT EXISTS] name [WITH ( properties )] AS query [WITH [NO] DATA]
// insert := INSERT INTO name [( column, … )] query
// unload := UNLOAD ( query ) TO 's3://…' [WITH ( properties )]
#include "engine/services/athena/write_statement.h"

#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

namespace engine::athena {
namespace {

std::string blanked(std::string_view sql, std::size_t begin, std::size_t end) {
  std::string text(sql);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((i < begin || i >= end) && text[i] != '\n') text[i] = ' ';
  }
  return text;
}

std::map<std::string, PropertyValue> read_properties(DdlCursor& cursor) {
  std::map<std::string, PropertyValue> properties;
  cursor.expect("(");
  do {
    const std::string name = cursor.name();
    cursor.expect("=");
    PropertyValue value;
    value.is_list = cursor.take("array");
    if (value.is_list) {
      cursor.expect("[");
      do value.texts.push_back(cursor.literal());
      while (cursor.take(","));
      cursor.expect("]");
    } else {
      value.texts.push_back(cursor.literal());
    }
    if (!properties.emplace(name, std::move(value)).second) {
      throw QueryError(fmt::format("INVALID_PROPERTY: the property {} stands twice", name));
    }
  } while (cursor.take(","));
  cursor.expect(")");
  return properties;
}

void read_create(std::string_view sql, DdlCursor& cursor, WriteStatement& statement) {
  statement.kind = WriteStatement::Kind::kCreateTable;
  statement.if_not_exists = cursor.take("if not exists");
  statement.table = cursor.table_name();
  if (cursor.take("with")) statement.properties = read_properties(cursor);
  if (!cursor.take("as")) {
    throw QueryError(
        "NOT_SUPPORTED: a table without AS is an Iceberg table, which are not supported here; "
        "CREATE EXTERNAL TABLE declares a table over files");
  }
  const std::size_t begin = cursor.position();
  std::size_t end = sql.size();
  const auto tokens = tokenize(sql);
  const std::size_t last = tokens.size() - 1;  // the end's mark
  if (last > 2 && tokens[last - 1].is("data")) {
    const bool no = tokens[last - 2].is("no");
    const std::size_t with = last - (no ? 3 : 2);
    if (tokens[with].is("with")) {
      end = tokens[with].begin;
      statement.with_data = !no;
    }
  }
  statement.query = blanked(sql, begin, end);
}

void read_insert(std::string_view sql, DdlCursor& cursor, WriteStatement& statement) {
  statement.kind = WriteStatement::Kind::kInsert;
  statement.table = cursor.table_name();
  // A list of columns, or a query in parentheses.
  if (cursor.at("(") && !cursor.at("( select") && !cursor.at("( with") && !cursor.at("( values") &&
      !cursor.at("( table") && !cursor.at("( (")) {
    cursor.expect("(");
    do statement.columns.push_back(cursor.name());
    while (cursor.take(","));
    cursor.expect(")");
  }
  if (cursor.at_end()) cursor.fail("<query>");
  statement.query = blanked(sql, cursor.position(), sql.size());
}

void read_unload(std::string_view sql, DdlCursor& cursor, WriteStatement& statement) {
  statement.kind = WriteStatement::Kind::kUnload;
  cursor.expect("(");
  const std::size_t begin = cursor.position();
  cursor.skip_to_closing();
  statement.query = blanked(sql, begin, cursor.position());
  cursor.expect(")");
  cursor.expect("to");
  statement.target = cursor.text();
  if (cursor.take("with")) statement.properties = read_properties(cursor);
  cursor.expect_end();
}

}  // namespace

WriteStatement read_write_statement(std::string_view sql, std::string_view default_database) {
  WriteStatement statement;
  DdlCursor cursor(sql, default_database);
  if (cursor.take("create table")) {
    read_create(sql, cursor, statement);
  } else if (cursor.take("insert into")) {
    read_insert(sql, cursor, statement);
  } else if (cursor.take("unload")) {
    read_unload(sql, cursor, statement);
  } else {
    cursor.fail("CREATE TABLE, INSERT INTO, UNLOAD");
  }
  return statement;
}

}  // namespace engine::athena
