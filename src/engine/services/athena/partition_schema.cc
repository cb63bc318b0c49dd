// Verified: the sentence and the kinds of types that can be coerced are those of Athena's guide to
// updates in tables with partitions.
#include "engine/services/athena/partition_schema.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::athena {
namespace {

using sql::HiveKind;
using sql::HiveType;

bool is_whole(HiveKind kind) { return kind >= HiveKind::kTinyint && kind <= HiveKind::kBigint; }
bool is_number(HiveKind kind) { return kind >= HiveKind::kTinyint && kind <= HiveKind::kDecimal; }

bool can_become(const HiveType& from, const HiveType& to) {
  if (to.kind == HiveKind::kStruct && from.kind == HiveKind::kStruct) {
    for (std::size_t i = 0; i < to.children.size(); ++i) {
      const auto field = std::find(from.names.begin(), from.names.end(), to.names[i]);
      if (field == from.names.end()) continue;
      if (!can_become(from.children[static_cast<std::size_t>(field - from.names.begin())],
                      to.children[i]))
        return false;
    }
    return true;
  }
  if (!to.children.empty() || !from.children.empty()) {
    return from.kind == to.kind && std::equal(from.children.begin(), from.children.end(),
                                              to.children.begin(), to.children.end(), can_become);
  }
  if (from.kind == to.kind || to.kind == HiveKind::kString) return true;
  if (is_whole(from.kind) && is_whole(to.kind)) return from.kind < to.kind;
  if (from.kind == HiveKind::kFloat && to.kind == HiveKind::kDouble) return true;
  if (to.kind == HiveKind::kDecimal) return is_number(from.kind);
  return from.kind == HiveKind::kString && to.kind != HiveKind::kBoolean;
}

}  // namespace

void check_partition_schema(const glue::api::Table& table, const glue::api::Partition& partition) {
  if (!partition.StorageDescriptor || !partition.StorageDescriptor->Columns) return;
  const auto& own = *partition.StorageDescriptor->Columns;
  const auto& columns = *table.StorageDescriptor->Columns;
  for (std::size_t i = 0; i < own.size(); ++i) {
    // Nearly always the same column at the same place.
    if (i < columns.size() && own[i].Name == columns[i].Name && own[i].Type == columns[i].Type)
      continue;
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& candidate) {
      return base::iequals(candidate.Name, own[i].Name);
    });
    if (column == columns.end()) continue;
    const auto from = sql::parse_hive_type(own[i].Type.value_or("string"));
    const auto to = sql::parse_hive_type(column->Type.value_or("string"));
    if (!from || !to || can_become(*from, *to)) continue;
    throw QueryError(fmt::format(
        "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition "
        "schemas. The types are incompatible and cannot be coerced. The column '{0}' in table "
        "'{1}.{2}' is declared as type '{3}', but partition '{4}' declared column '{0}' as type "
        "'{5}'.",
        base::to_lower(column->Name), table.DatabaseName.value_or(""), table.Name,
        column->Type.value_or("string"), partition_name(table, *partition.Values), own[i].Type.value_or("string")));
  }
}

}  // namespace engine::athena
