// PREPARE, EXECUTE and DEALLOCATE PREPARE, and where the statements they name are kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// EXECUTE name [USING value, …].
struct Execute {
  std::string name;
  std::vector<std::string> values;  ///< each the text of an expression
};
/// Nothing when it is another statement. Throws QueryError.
std::optional<Execute> read_execute(std::string_view sql);

/// PREPARE name FROM statement, or DEALLOCATE PREPARE name: no statement then. Throws QueryError.
struct Prepare {
  std::string name;
  std::optional<std::string> statement;
};
Prepare read_prepare(std::string_view sql);

/// The key of a prepared statement's row in athena/prepared.
std::string prepared_key(std::string_view workgroup, std::string_view name);

/// A parameter must be one expression: not two, and no piece of a statement around it. Throws
/// QueryError.
void check_parameter(std::string_view text);

}  // namespace engine::athena
