// AddTagsToStream, RemoveTagsFromStream, ListTagsForStream, and the same by ARN.
#include "engine/services/kinesis/tags.h"

#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/paging.h"

namespace engine::kinesis {
namespace {

std::string tag_row(std::string_view arn, std::string_view tag) {
  return std::string(arn).append(1, '\0').append(tag);
}

void add_tags(Kinesis::Impl& kinesis, const std::string& arn,
              const std::map<std::string, std::string>& tags) {
  const std::lock_guard lock(kinesis.changing);
  storage::Batch batch;
  put_tags(kinesis, arn, tags, batch);
  kinesis.context.catalog.commit(std::move(batch));
}

void remove_tags(Kinesis::Impl& kinesis, const std::string& arn,
                 const std::vector<std::string>& keys) {
  const std::lock_guard lock(kinesis.changing);
  storage::Batch batch;
  for (const std::string& key : keys) batch.remove(kTagTable, tag_row(arn, key));
  kinesis.context.catalog.commit(std::move(batch));
}

std::vector<api::Tag> list_tags(const Kinesis::Impl& kinesis, const std::string& arn) {
  std::vector<api::Tag> list;
  for (auto& [key, value] : tags_of(kinesis, arn)) list.push_back({key, value});
  return list;
}

/// The ARN, when it is a stream's or a consumer's that exists.
const std::string& resource(const Kinesis::Impl& kinesis, const std::string& arn) {
  if (kinesis.find(arn)) return arn;
  constexpr std::string_view kConsumer = "/consumer/";
  const std::size_t at = arn.find(kConsumer);
  const StreamPtr stream = at == std::string::npos ? nullptr : kinesis.find(arn.substr(0, at));
  if (stream) {
    const std::string name =
        arn.substr(at + kConsumer.size(), arn.rfind(':') - at - kConsumer.size());
    if (kinesis.context.catalog.get(kConsumerTable, stream->name() + '\0' + name)) return arn;
  }
  throw no_such_resource(arn);
}

}  // namespace

std::map<std::string, std::string> tags_of(const Kinesis::Impl& kinesis, std::string_view arn) {
  std::map<std::string, std::string> tags;
  const std::string prefix = tag_row(arn, "");
  for (const auto& row : kinesis.context.catalog.scan(kTagTable, prefix)) {
    tags[row.key.substr(prefix.size())] = row.value;
  }
  return tags;
}

void put_tags(const Kinesis::Impl& kinesis, const std::string& arn,
              const std::map<std::string, std::string>& tags, storage::Batch& batch) {
  constexpr std::size_t kTagLimit = 50;
  std::map<std::string, std::string> all = tags_of(kinesis, arn);
  for (const auto& [key, value] : tags) {
    all[key] = value;
    batch.put(kTagTable, tag_row(arn, key), value);
  }
  if (all.size() > kTagLimit) {
    throw limit_exceeded(fmt::format("A resource can have at most {} tags.", kTagLimit));
  }
}

api::AddTagsToStreamOutput add_tags_to_stream(Kinesis& kinesis, Call&,
                                              const api::AddTagsToStreamInput& input) {
  add_tags(kinesis.impl(), stream_of(kinesis, input)->about.StreamARN, input.Tags);
  return {};
}

api::RemoveTagsFromStreamOutput remove_tags_from_stream(
    Kinesis& kinesis, Call&, const api::RemoveTagsFromStreamInput& input) {
  remove_tags(kinesis.impl(), stream_of(kinesis, input)->about.StreamARN, input.TagKeys);
  return {};
}

api::ListTagsForStreamOutput list_tags_for_stream(Kinesis& kinesis, Call&,
                                                  const api::ListTagsForStreamInput& input) {
  constexpr std::int64_t kDefaultLimit = 50;
  api::ListTagsForStreamOutput output;
  output.Tags = list_tags(kinesis.impl(), stream_of(kinesis, input)->about.StreamARN);
  std::erase_if(output.Tags, [&](const api::Tag& tag) {
    return tag.Key <= input.ExclusiveStartTagKey.value_or("");
  });
  output.HasMoreTags = cut_page(output.Tags, input.Limit.value_or(kDefaultLimit));
  return output;
}

api::TagResourceOutput tag_resource(Kinesis& kinesis, Call&, const api::TagResourceInput& input) {
  add_tags(kinesis.impl(), resource(kinesis.impl(), input.ResourceARN), input.Tags);
  return {};
}

api::UntagResourceOutput untag_resource(Kinesis& kinesis, Call&,
                                        const api::UntagResourceInput& input) {
  remove_tags(kinesis.impl(), resource(kinesis.impl(), input.ResourceARN), input.TagKeys);
  return {};
}

api::ListTagsForResourceOutput list_tags_for_resource(Kinesis& kinesis, Call&,
                                                      const api::ListTagsForResourceInput& input) {
  return {list_tags(kinesis.impl(), resource(kinesis.impl(), input.ResourceARN))};
}

}  // namespace engine::kinesis
