// Codes of sentences and the numbers of Athena's error catalog.
#include "engine/services/athena/query_failure.h"

#include <algorithm>
#include <string_view>

namespace engine::athena {
namespace {

constexpr int kSystem = 1, kUser = 2;

struct Entry {
  std::string_view prefix;
  int category, type;
  bool retryable = false;
};

// The first that the sentence begins with.
constexpr Entry kCatalog[] = {
    {"EXCEEDED_LOCAL_MEMORY_LIMIT", kSystem, 0},
    {"GENERIC_INTERNAL_ERROR", kSystem, 200, true},
    {"INTERNAL_ERROR", kSystem, 200, true},
    {"SYNTAX_ERROR", kUser, 1006},
    {"COLUMN_NOT_FOUND", kUser, 1006},
    {"AMBIGUOUS_NAME", kUser, 1006},
    {"EXPRESSION_NOT_AGGREGATE", kUser, 1006},
    {"TYPE_MISMATCH", kUser, 1006},
    {"TYPE_NOT_FOUND", kUser, 1006},
    {"FUNCTION_NOT_FOUND", kUser, 1006},
    {"COLUMN_NAME_NOT_SPECIFIED", kUser, 1006},
    {"DUPLICATE_COLUMN_NAME", kUser, 1006},
    {"line ", kUser, 1006},
    {"HIVE_PARTITION_SCHEMA_MISMATCH", kUser, 1004},
    {"HIVE_COLUMN_ORDER_MISMATCH", kUser, 1004},
    {"HIVE_INVALID_PARTITION_VALUE", kUser, 1004},
    {"HIVE_WRITER_OPEN_ERROR", kUser, 401},
    {"HIVE_PATH_ALREADY_EXISTS", kUser, 1008},
    {"HIVE_UNSUPPORTED_FORMAT", kUser, 1200},
    {"HIVE_", kUser, 1001},
    {"DIVISION_BY_ZERO", kUser, 1007},
    {"INVALID_CAST_ARGUMENT", kUser, 1007},
    {"NUMERIC_VALUE_OUT_OF_RANGE", kUser, 1007},
    {"SUBQUERY_MULTIPLE_ROWS", kUser, 1007},
    {"INVALID_TABLE_PROPERTY", kUser, 1103},
    {"INVALID_PROPERTY", kUser, 1101},
    {"INVALID_FUNCTION_ARGUMENT", kUser, 1106},
    {"INVALID_VIEW", kUser, 1107},
    {"VIEW_IS_RECURSIVE", kUser, 1107},
    {"TABLE_NOT_FOUND", kUser, 1110},
    {"SCHEMA_NOT_FOUND", kUser, 1301},
    {"CATALOG_NOT_FOUND", kUser, 1301},
    {"NOT_SUPPORTED", kUser, 1200},
    {"FAILED: ", kUser, 1003},
};

}  // namespace

api::AthenaError failure_of(const std::string& sentence) {
  const auto found = std::find_if(std::begin(kCatalog), std::end(kCatalog), [&](const Entry& entry) {
    return std::string_view(sentence).starts_with(entry.prefix);
  });
  constexpr Entry kOther{"", kUser, 1000};
  const Entry& entry = found == std::end(kCatalog) ? kOther : *found;
  return {.ErrorCategory = entry.category,
          .ErrorType = entry.type,
          .Retryable = entry.retryable,
          .ErrorMessage = sentence};
}

}  // namespace engine::athena
