// Tables, their versions and (empty) partition indexes.
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"
#include "lib/base/encoding.h"

#include <re2/re2.h>

namespace engine::glue {
namespace {

const api::TableInput& table_input(const std::optional<api::TableInput>& input) {
  if (!input) throw invalid_input("TableInput is required");
  return *input;
}

}  // namespace

api::CreateTableOutput create_table(Glue& glue, Call& call, const api::CreateTableInput& input) {
  glue.create_table(input.DatabaseName, table_input(input.TableInput), call.principal_arn);
  return {};
}

api::GetTableOutput get_table(Glue& glue, Call&, const api::GetTableInput& input) {
  return {.Table = glue.table(input.DatabaseName, input.Name)};
}

api::GetTablesOutput get_tables(Glue& glue, Call&, const api::GetTablesInput& input) {
  auto tables = glue.tables(input.DatabaseName);
  if (input.Expression && !input.Expression->empty()) {
    // Glue's documents call it a regular expression; its console sends globs such as "beer*".
    std::string pattern = *input.Expression;
    const re2::RE2 expression(pattern == "*" ? ".*" : pattern, re2::RE2::Quiet);
    if (!expression.ok()) throw invalid_input("The expression is not a regular expression");
    std::erase_if(tables, [&](const api::Table& table) {
      return !re2::RE2::FullMatch(table.Name, expression);
    });
  }
  auto page = page_of(std::move(tables), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.TableList = std::move(page.items), .NextToken = page.next};
}

api::UpdateTableOutput update_table(Glue& glue, Call&, const api::UpdateTableInput& input) {
  glue.update_table(input.DatabaseName, table_input(input.TableInput),
                    input.SkipArchive.value_or(false));
  return {};
}

api::DeleteTableOutput delete_table(Glue& glue, Call&, const api::DeleteTableInput& input) {
  glue.delete_table(input.DatabaseName, input.Name);
  return {};
}

api::BatchDeleteTableOutput batch_delete_table(Glue& glue, Call&,
                                               const api::BatchDeleteTableInput& input) {
  glue.database(input.DatabaseName);
  std::vector<api::TableError> errors;
  for (const std::string& name : input.TablesToDelete) {
    try {
      glue.delete_table(input.DatabaseName, name);
    } catch (const AwsError& error) {
      errors.push_back({name, api::ErrorDetail{error.code, error.what()}});
    }
  }
  return {.Errors = std::move(errors)};
}

api::GetTableVersionOutput get_table_version(Glue& glue, Call&,
                                             const api::GetTableVersionInput& input) {
  for (api::TableVersion& version : glue.table_versions(input.DatabaseName, input.TableName)) {
    // Without a number, the present one is asked for, which is the first.
    if (!input.VersionId || version.VersionId == input.VersionId) {
      return {.TableVersion = std::move(version)};
    }
  }
  throw no_such_version();
}

api::GetTableVersionsOutput get_table_versions(Glue& glue, Call&,
                                               const api::GetTableVersionsInput& input) {
  auto page = page_of(glue.table_versions(input.DatabaseName, input.TableName), input.NextToken,
                      input.MaxResults, 100, invalid_token());
  return {.TableVersions = std::move(page.items), .NextToken = page.next};
}

api::GetPartitionIndexesOutput get_partition_indexes(Glue& glue, Call&,
                                                     const api::GetPartitionIndexesInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  // Deviation: partition indexes are not kept; lists are fast without.
  return {.PartitionIndexDescriptorList = std::vector<api::PartitionIndexDescriptor>{}};
}

}  // namespace engine::glue
