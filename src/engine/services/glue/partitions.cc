// Partitions, one by one and in batches.
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"

namespace engine::glue {
namespace {

api::PartitionError failed(const std::vector<std::string>& values, const AwsError& error) {
  return {values, api::ErrorDetail{error.code, error.what()}};
}

}  // namespace

api::CreatePartitionOutput create_partition(Glue& glue, Call&,
                                            const api::CreatePartitionInput& input) {
  glue.create_partition(input.DatabaseName, input.TableName, input.PartitionInput);
  return {};
}

api::BatchCreatePartitionOutput batch_create_partition(
    Glue& glue, Call&, const api::BatchCreatePartitionInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  std::vector<api::PartitionError> errors;
  for (const api::PartitionInput& partition : input.PartitionInputList) {
    try {
      glue.create_partition(input.DatabaseName, input.TableName, partition);
    } catch (const AwsError& error) {
      errors.push_back(failed(partition.Values.value_or(std::vector<std::string>{}), error));
    }
  }
  return {.Errors = std::move(errors)};
}

api::GetPartitionOutput get_partition(Glue& glue, Call&, const api::GetPartitionInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  auto found = glue.find_partition(input.DatabaseName, input.TableName, input.PartitionValues);
  if (!found) throw no_such_partition();
  return {.Partition = std::move(found)};
}

api::GetPartitionsOutput get_partitions(Glue& glue, Call&, const api::GetPartitionsInput& input) {
  auto page =
      page_of(glue.partitions(input.DatabaseName, input.TableName, input.Expression.value_or("")),
              input.NextToken, input.MaxResults, 1000, invalid_token());
  if (input.ExcludeColumnSchema.value_or(false)) {
    for (api::Partition& partition : page.items) {
      if (partition.StorageDescriptor) partition.StorageDescriptor->Columns.reset();
    }
  }
  if (input.Segment && input.Segment->SegmentNumber > 0)
    page = {};  // all stand in the first segment
  return {.Partitions = std::move(page.items), .NextToken = page.next};
}

api::BatchGetPartitionOutput batch_get_partition(Glue& glue, Call&,
                                                 const api::BatchGetPartitionInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  std::vector<api::Partition> found;
  for (const api::PartitionValueList& list : input.PartitionsToGet) {
    auto partition = glue.find_partition(input.DatabaseName, input.TableName, list.Values);
    if (partition) found.push_back(std::move(*partition));
  }
  return {.Partitions = std::move(found),
          .UnprocessedKeys = std::vector<api::PartitionValueList>{}};
}

api::UpdatePartitionOutput update_partition(Glue& glue, Call&,
                                            const api::UpdatePartitionInput& input) {
  glue.update_partition(input.DatabaseName, input.TableName, input.PartitionValueList,
                        input.PartitionInput);
  return {};
}

api::DeletePartitionOutput delete_partition(Glue& glue, Call&,
                                            const api::DeletePartitionInput& input) {
  glue.delete_partition(input.DatabaseName, input.TableName, input.PartitionValues);
  return {};
}

api::BatchDeletePartitionOutput batch_delete_partition(
    Glue& glue, Call&, const api::BatchDeletePartitionInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  std::vector<api::PartitionError> errors;
  for (const api::PartitionValueList& list : input.PartitionsToDelete) {
    try {
      glue.delete_partition(input.DatabaseName, input.TableName, list.Values);
    } catch (const AwsError& error) {
      errors.push_back(failed(list.Values, error));
    }
  }
  return {.Errors = std::move(errors)};
}

api::BatchUpdatePartitionOutput batch_update_partition(
    Glue& glue, Call&, const api::BatchUpdatePartitionInput& input) {
  glue.table(input.DatabaseName, input.TableName);
  std::vector<api::BatchUpdatePartitionFailureEntry> errors;
  for (const auto& entry : input.Entries) {
    try {
      glue.update_partition(input.DatabaseName, input.TableName, entry.PartitionValueList,
                            entry.PartitionInput);
    } catch (const AwsError& error) {
      errors.push_back({entry.PartitionValueList, api::ErrorDetail{error.code, error.what()}});
    }
  }
  return {.Errors = std::move(errors)};
}

}  // namespace engine::glue
