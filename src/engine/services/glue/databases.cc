// CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase, DeleteDatabase.
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"

namespace engine::glue {

api::CreateDatabaseOutput create_database(Glue& glue, Call&,
                                          const api::CreateDatabaseInput& input) {
  glue.create_database(input.DatabaseInput,
                       input.Tags.value_or(std::map<std::string, std::string>{}));
  return {};
}

api::GetDatabaseOutput get_database(Glue& glue, Call&, const api::GetDatabaseInput& input) {
  return {.Database = glue.database(input.Name)};
}

api::GetDatabasesOutput get_databases(Glue& glue, Call&, const api::GetDatabasesInput& input) {
  auto page = page_of(glue.databases(), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.DatabaseList = std::move(page.items), .NextToken = page.next};
}

api::UpdateDatabaseOutput update_database(Glue& glue, Call&,
                                          const api::UpdateDatabaseInput& input) {
  glue.update_database(input.Name, input.DatabaseInput);
  return {};
}

api::DeleteDatabaseOutput delete_database(Glue& glue, Call&,
                                          const api::DeleteDatabaseInput& input) {
  glue.delete_database(input.Name);
  return {};
}

}  // namespace engine::glue
