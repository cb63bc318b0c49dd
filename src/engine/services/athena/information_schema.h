// information_schema: what the catalog holds, as tables a query can name.
#pragma once

#include "engine/services/glue/glue.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::athena {

/// A SELECT that gives the rows of schemata, tables, columns or views; nothing for another name.
std::optional<std::string> information_schema(const glue::Glue& glue, std::string_view table);

/// A SELECT that gives the partition values of a table: what "table$partitions" is.
std::string partitions_table(const glue::Glue& glue, const glue::api::Table& table);

}  // namespace engine::athena
