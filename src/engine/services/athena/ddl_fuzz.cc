// CREATE EXTERNAL TABLE: what SHOW CREATE TABLE says of a table makes it again.
#include "engine/protocol/error.h"
#include "engine/protocol/json.h"
#include "engine/services/athena/create_table.h"
#include "engine/services/athena/errors.h"
#include "lib/base/fuzz.h"

namespace {

using namespace engine;

std::optional<athena::TableDefinition> read(std::string_view statement) {
  try {
    athena::DdlCursor cursor(statement, "beers");
    cursor.expect("create external table");
    return athena::read_create_table(cursor);
  } catch (const athena::QueryError&) {
    return std::nullopt;
  }
}

}  // namespace

FUZZ(bytes) {
  const auto made = read(bytes);
  // A quote within a text is Hive's to read back: to our reader two of them are one.
  if (!made || bytes.find("''") != std::string_view::npos ||
      bytes.find_first_of("\"`\\") != std::string_view::npos)
    return;
  auto table = from_json<glue::api::Table>(to_json(made->input));
  table.DatabaseName = made->name.database;
  const auto again = read(athena::create_table_statement(table));
  base::fuzz::hold(again.has_value(), "what a table says of itself can be read");
  base::fuzz::hold(again->name.table == made->name.table, "it is the same table");
  const auto &was = *made->input.StorageDescriptor, &is = *again->input.StorageDescriptor;
  base::fuzz::hold(to_json(was) == to_json(is), "kept and read in the same way");
}
