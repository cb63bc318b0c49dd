// Tags: Add, Delete, List.
#include "engine/services/paging.h"
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/registry/lineage_graph.h"
#include "engine/services/sagemaker/registry/packages.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

constexpr std::size_t kMostTags = 50;

using Tags = std::vector<api::Tag>;

Tags tags_of(const SageMaker::Impl& state, const std::string& arn) {
  const auto row = state.tags.find(base::to_lower(arn));
  return row ? row->Tags.value_or(Tags{}) : Tags{};
}

bool is_there(const SageMaker::Impl& state, const std::string& arn) {
  const auto has = [&](const auto& table, std::string_view kind) {
    const std::string key = key_of(arn, kind);
    return !key.starts_with("arn:") && table.has(key);
  };
  return has(state.processing_jobs, "processing-job") || has(state.training_jobs, "training-job") ||
         has(state.transform_jobs, "transform-job") ||
         has(state.tuning_jobs, "hyper-parameter-tuning-job") || has(state.pipelines, "pipeline") ||
         has(state.executions, "pipeline") || has(state.package_groups, "model-package-group") ||
         has(state.models, "model") || has(state.endpoint_configs, "endpoint-config") ||
         has(state.endpoints, "endpoint") || has(state.notebooks, "notebook-instance") ||
         has(state.notebook_lifecycles, "notebook-instance-lifecycle-config") ||
         find_package(state, arn) ||
         !state.model_cards.all(key_of(arn, "model-card") + "/").empty() ||
         LineageGraph(state).find(arn) != nullptr;
}

void check_is_there(const SageMaker::Impl& state, const std::string& arn) {
  if (!is_there(state, arn)) throw could_not_find("resource", arn);
}

void remove_key(Tags& tags, const std::string& key) {
  std::erase_if(tags, [&](const api::Tag& tag) { return tag.Key == key; });
}

}  // namespace

api::op::AddTags::Output add_tags(SageMaker& sagemaker, Call&,
                                  const api::op::AddTags::Input& input) {
  auto& state = sagemaker.impl();
  check_is_there(state, input.ResourceArn);
  Tags tags = tags_of(state, input.ResourceArn);
  for (const api::Tag& tag : input.Tags) {
    remove_key(tags, tag.Key);
    tags.push_back(tag);
  }
  if (tags.size() > kMostTags) {
    throw AwsError("ResourceLimitExceeded",
                   fmt::format("A resource can have at most {} tags.", kMostTags));
  }
  state.tags.put(base::to_lower(input.ResourceArn), {.Tags = tags});
  return {.Tags = tags};
}

api::op::DeleteTags::Output delete_tags(SageMaker& sagemaker, Call&,
                                        const api::op::DeleteTags::Input& input) {
  auto& state = sagemaker.impl();
  check_is_there(state, input.ResourceArn);
  Tags tags = tags_of(state, input.ResourceArn);
  for (const std::string& key : input.TagKeys) remove_key(tags, key);
  state.tags.put(base::to_lower(input.ResourceArn), {.Tags = tags});
  return {};
}

api::op::ListTags::Output list_tags(SageMaker& sagemaker, Call&,
                                    const api::op::ListTags::Input& input) {
  check_is_there(sagemaker.impl(), input.ResourceArn);
  auto page = page_of(tags_of(sagemaker.impl(), input.ResourceArn), input.NextToken,
                      input.MaxResults, kMostTags, bad_token());
  return {.Tags = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::sagemaker
