// Tags: Add, Delete, List.
#include "engine/services/paging.h"
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/operations.h"
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

void remove_key(Tags& tags, const std::string& key) {
  std::erase_if(tags, [&](const api::Tag& tag) { return tag.Key == key; });
}

}  // namespace

/// Deviation: an ARN of nothing can have tags, too.
api::op::AddTags::Output add_tags(SageMaker& sagemaker, Call&,
                                  const api::op::AddTags::Input& input) {
  auto& state = sagemaker.impl();
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
  Tags tags = tags_of(state, input.ResourceArn);
  for (const std::string& key : input.TagKeys) remove_key(tags, key);
  state.tags.put(base::to_lower(input.ResourceArn), {.Tags = tags});
  return {};
}

api::op::ListTags::Output list_tags(SageMaker& sagemaker, Call&,
                                    const api::op::ListTags::Input& input) {
  auto page = page_of(tags_of(sagemaker.impl(), input.ResourceArn), input.NextToken,
                      input.MaxResults, kMostTags, bad_token());
  return {.Tags = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::sagemaker
