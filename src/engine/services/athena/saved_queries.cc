// Named queries and prepared statements: texts kept for later.
//   athena/named       id                     → NamedQuery
//   athena/prepared    workgroup, 0x1f, name  → PreparedStatement
#include "engine/protocol/json.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/operations.h"
#include "engine/services/athena/prepared.h"
#include "engine/services/paging.h"

namespace engine::athena {
namespace {

std::optional<api::NamedQuery> find_named(const Athena& athena, const std::string& id) {
  const auto row = athena.context().catalog.get("athena/named", id);
  if (!row) return std::nullopt;
  return from_json<api::NamedQuery>(*row);
}

std::optional<api::PreparedStatement> find_statement(const Athena& athena, const std::string& key) {
  const auto row = athena.context().catalog.get("athena/prepared", key);
  if (!row) return std::nullopt;
  return from_json<api::PreparedStatement>(*row);
}

void put(Athena& athena, std::string_view table, std::string_view key, std::string_view value) {
  storage::Batch batch;
  batch.put(table, key, value);
  athena.context().catalog.commit(std::move(batch));
}

void remove(Athena& athena, std::string_view table, std::string_view key) {
  storage::Batch batch;
  batch.remove(table, key);
  athena.context().catalog.commit(std::move(batch));
}

}  // namespace

api::CreateNamedQueryOutput create_named_query(Athena& athena, Call&,
                                               const api::CreateNamedQueryInput& input) {
  const std::string group = input.WorkGroup.value_or("primary");
  athena.workgroup(group);
  const std::string id = athena.context().ids.uuid();
  put(athena, "athena/named", id,
      to_json(api::NamedQuery{.Name = input.Name,
                              .Description = input.Description,
                              .Database = input.Database,
                              .QueryString = input.QueryString,
                              .NamedQueryId = id,
                              .WorkGroup = group}));
  return {.NamedQueryId = id};
}

api::GetNamedQueryOutput get_named_query(Athena& athena, Call&,
                                         const api::GetNamedQueryInput& input) {
  auto found = find_named(athena, input.NamedQueryId);
  if (!found) throw no_such_named_query(input.NamedQueryId);
  return {.NamedQuery = std::move(found)};
}

api::BatchGetNamedQueryOutput batch_get_named_query(Athena& athena, Call&,
                                                    const api::BatchGetNamedQueryInput& input) {
  std::vector<api::NamedQuery> found;
  std::vector<api::UnprocessedNamedQueryId> missing;
  for (const std::string& id : input.NamedQueryIds) {
    if (auto query = find_named(athena, id)) {
      found.push_back(std::move(*query));
    } else {
      missing.push_back({id, "INVALID_INPUT", no_such_named_query(id).what()});
    }
  }
  return {.NamedQueries = std::move(found), .UnprocessedNamedQueryIds = std::move(missing)};
}

api::ListNamedQueriesOutput list_named_queries(Athena& athena, Call&,
                                               const api::ListNamedQueriesInput& input) {
  const std::string group = input.WorkGroup.value_or("primary");
  athena.workgroup(group);
  std::vector<std::string> ids;
  for (const auto& row : athena.context().catalog.scan("athena/named")) {
    if (from_json<api::NamedQuery>(row.value).WorkGroup == group) ids.push_back(row.key);
  }
  auto page = page_of(std::move(ids), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.NamedQueryIds = std::move(page.items), .NextToken = page.next};
}

api::DeleteNamedQueryOutput delete_named_query(Athena& athena, Call&,
                                               const api::DeleteNamedQueryInput& input) {
  if (!find_named(athena, input.NamedQueryId)) throw no_such_named_query(input.NamedQueryId);
  remove(athena, "athena/named", input.NamedQueryId);
  return {};
}

api::CreatePreparedStatementOutput create_prepared_statement(
    Athena& athena, Call& call, const api::CreatePreparedStatementInput& input) {
  athena.workgroup(input.WorkGroup);
  const std::string key = prepared_key(input.WorkGroup, input.StatementName);
  if (find_statement(athena, key)) {
    throw invalid_request(fmt::format("Prepared statement {} already exists", input.StatementName));
  }
  put(athena, "athena/prepared", key,
      to_json(api::PreparedStatement{.StatementName = input.StatementName,
                                     .QueryStatement = input.QueryStatement,
                                     .WorkGroupName = input.WorkGroup,
                                     .Description = input.Description,
                                     .LastModifiedTime = call.now}));
  return {};
}

api::GetPreparedStatementOutput get_prepared_statement(
    Athena& athena, Call&, const api::GetPreparedStatementInput& input) {
  auto found = find_statement(athena, prepared_key(input.WorkGroup, input.StatementName));
  if (!found) throw no_such_statement(input.StatementName);
  return {.PreparedStatement = std::move(found)};
}

api::ListPreparedStatementsOutput list_prepared_statements(
    Athena& athena, Call&, const api::ListPreparedStatementsInput& input) {
  athena.workgroup(input.WorkGroup);
  std::vector<api::PreparedStatementSummary> summaries;
  for (const auto& row :
       athena.context().catalog.scan("athena/prepared", input.WorkGroup + '\x1f')) {
    const auto statement = from_json<api::PreparedStatement>(row.value);
    summaries.push_back({statement.StatementName, statement.LastModifiedTime});
  }
  auto page = page_of(std::move(summaries), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.PreparedStatements = std::move(page.items), .NextToken = page.next};
}

api::UpdatePreparedStatementOutput update_prepared_statement(
    Athena& athena, Call& call, const api::UpdatePreparedStatementInput& input) {
  const std::string key = prepared_key(input.WorkGroup, input.StatementName);
  auto found = find_statement(athena, key);
  if (!found) throw no_such_statement(input.StatementName);
  found->QueryStatement = input.QueryStatement;
  if (input.Description) found->Description = input.Description;
  found->LastModifiedTime = call.now;
  put(athena, "athena/prepared", key, to_json(*found));
  return {};
}

api::DeletePreparedStatementOutput delete_prepared_statement(
    Athena& athena, Call&, const api::DeletePreparedStatementInput& input) {
  const std::string key = prepared_key(input.WorkGroup, input.StatementName);
  if (!find_statement(athena, key)) throw no_such_statement(input.StatementName);
  remove(athena, "athena/prepared", key);
  return {};
}

}  // namespace engine::athena
