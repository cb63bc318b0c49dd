// GetTags, TagResource, UntagResource.
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"

namespace engine::glue {
namespace {

/// Refuses the ARN of something that isn't there.
// Deviation: of kinds other than databases, tables and crawlers, any name will do.
void check_resource(const Glue& glue, std::string_view arn) {
  const auto name_after = [&](std::string_view kind) -> std::optional<std::string_view> {
    const std::size_t at = arn.find(kind);
    if (at == std::string_view::npos) return std::nullopt;
    return arn.substr(at + kind.size());
  };
  if (const auto database = name_after(":database/")) {
    if (!glue.find_database(*database)) throw no_such_database(*database);
  } else if (const auto table = name_after(":table/")) {
    const std::size_t slash = table->find('/');
    const std::string_view name = slash == std::string_view::npos ? "" : table->substr(slash + 1);
    if (!glue.find_table(table->substr(0, slash), name)) throw no_such_table(name);
  } else if (const auto crawler = name_after(":crawler/")) {
    if (!glue.find_crawler(*crawler)) throw no_such_crawler(*crawler);
  }
}

}  // namespace

api::GetTagsOutput get_tags(Glue& glue, Call&, const api::GetTagsInput& input) {
  check_resource(glue, input.ResourceArn);
  return {.Tags = glue.tags(input.ResourceArn)};
}

api::TagResourceOutput tag_resource(Glue& glue, Call&, const api::TagResourceInput& input) {
  check_resource(glue, input.ResourceArn);
  auto tags = glue.tags(input.ResourceArn);
  for (const auto& [key, value] : input.TagsToAdd) tags[key] = value;
  glue.set_tags(input.ResourceArn, tags);
  return {};
}

api::UntagResourceOutput untag_resource(Glue& glue, Call&, const api::UntagResourceInput& input) {
  check_resource(glue, input.ResourceArn);
  auto tags = glue.tags(input.ResourceArn);
  for (const std::string& key : input.TagsToRemove) tags.erase(key);
  glue.set_tags(input.ResourceArn, tags);
  return {};
}

}  // namespace engine::glue
