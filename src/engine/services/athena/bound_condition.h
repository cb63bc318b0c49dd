// A condition of DuckDB's optimized plan (as json_serialize_plan gives it) back in SQL.
#pragma once

#include <boost/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace engine::athena {

/// The name of the column that a reference means, as SQL writes it; nothing when it is none.
using ColumnOf = std::function<std::optional<std::string>(std::size_t index)>;

/// Nothing when a part of it isn't understood, gives another value each time, or refers to no
/// column.
std::optional<std::string> bound_sql(const boost::json::value& expression, const ColumnOf& column);

/// Of "column = constant", "column IN (constants)" and such with OR between: the column's name and
/// the constants' texts.
struct Choices {
  std::string column;
  std::vector<std::string> values;
};
std::optional<Choices> bound_choices(const boost::json::value& expression, const ColumnOf& column);

}  // namespace engine::athena
