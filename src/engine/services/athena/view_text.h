// A view as Glue keeps it: Presto's definition, base64 of JSON in a comment.
#pragma once

#include "engine/models/glue.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

struct ViewColumn {
  std::string name, type;  ///< Trino's name of the type
};

struct ViewDefinition {
  std::string sql;     ///< as its author wrote it
  std::string schema;  ///< where names without a database are looked up
  std::vector<ViewColumn> columns;
};

/// "/* Presto View: eyJvcmln… */".
std::string view_text(const ViewDefinition& view);

/// The same read back; nothing when it is no such text.
std::optional<ViewDefinition> read_view_text(std::string_view text);

inline bool is_view(const glue::api::Table& table) { return table.TableType == "VIRTUAL_VIEW"; }

}  // namespace engine::athena
