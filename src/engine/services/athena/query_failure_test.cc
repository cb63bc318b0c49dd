// The catalog's numbers for sentences.
#include "engine/services/athena/query_failure.h"

#include <gtest/gtest.h>

namespace engine::athena {
namespace {

TEST(QueryFailure, TellsWhoseFaultItIsAndOfWhichKind) {
  const api::AthenaError syntax = failure_of("SYNTAX_ERROR: line 1:8: mismatched input");
  EXPECT_EQ(syntax.ErrorCategory, 2);
  EXPECT_EQ(syntax.ErrorType, 1006);
  EXPECT_EQ(syntax.Retryable, false);
  EXPECT_EQ(syntax.ErrorMessage, "SYNTAX_ERROR: line 1:8: mismatched input");
  EXPECT_EQ(failure_of("HIVE_BAD_DATA: Field x's type").ErrorType, 1001);
  EXPECT_EQ(failure_of("HIVE_PARTITION_SCHEMA_MISMATCH: There").ErrorType, 1004);
  EXPECT_EQ(failure_of("TABLE_NOT_FOUND: line 1:1").ErrorType, 1110);
  EXPECT_EQ(failure_of("FAILED: Execution Error").ErrorType, 1003);
  EXPECT_EQ(failure_of("Something else").ErrorType, 1000);
}

TEST(QueryFailure, IsTheSystemsWhereTheEngineFailed) {
  const api::AthenaError internal = failure_of("GENERIC_INTERNAL_ERROR: no space");
  EXPECT_EQ(internal.ErrorCategory, 1);
  EXPECT_EQ(internal.Retryable, true);
  EXPECT_EQ(failure_of("EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted").ErrorType, 0);
}

}  // namespace
}  // namespace engine::athena
