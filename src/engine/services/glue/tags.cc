// GetTags, TagResource, UntagResource.
#include "engine/services/glue/operations.h"

namespace engine::glue {

api::GetTagsOutput get_tags(Glue& glue, Call&, const api::GetTagsInput& input) {
  return {.Tags = glue.tags(input.ResourceArn)};
}

api::TagResourceOutput tag_resource(Glue& glue, Call&, const api::TagResourceInput& input) {
  auto tags = glue.tags(input.ResourceArn);
  for (const auto& [key, value] : input.TagsToAdd) tags[key] = value;
  glue.set_tags(input.ResourceArn, tags);
  return {};
}

api::UntagResourceOutput untag_resource(Glue& glue, Call&, const api::UntagResourceInput& input) {
  auto tags = glue.tags(input.ResourceArn);
  for (const std::string& key : input.TagsToRemove) tags.erase(key);
  glue.set_tags(input.ResourceArn, tags);
  return {};
}

}  // namespace engine::glue
