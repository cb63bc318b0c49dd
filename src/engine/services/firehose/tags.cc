// TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream.
#include "engine/services/firehose/tags.h"

#include "engine/services/firehose/errors.h"
#include "engine/services/firehose/operations.h"

#include <set>

namespace engine::firehose {
namespace {
std::string row_key(const std::string& stream, const std::string& tag) {
  return stream + '\0' + tag;
}
}  // namespace

void put_tags(const Firehose::Impl& firehose, const std::string& stream,
              const std::vector<api::Tag>& tags, storage::Batch& batch) {
  std::set<std::string> keys;
  for (const auto& row : firehose.tools.context.catalog.scan(kTagTable, row_key(stream, ""))) {
    keys.insert(row.key);
  }
  for (const api::Tag& tag : tags) {
    if (tag.Key.starts_with("aws:")) {
      throw invalid_argument("The prefix aws: of the tag key " + tag.Key + " is reserved.");
    }
    keys.insert(row_key(stream, tag.Key));
    batch.put(kTagTable, row_key(stream, tag.Key), tag.Value.value_or(""));
  }
  if (keys.size() > kTagLimit) throw too_many_tags(kTagLimit);
}

api::TagDeliveryStreamOutput tag_delivery_stream(Firehose& firehose, Call&,
                                                 const api::TagDeliveryStreamInput& input) {
  Firehose::Impl& impl = firehose.impl();
  const std::lock_guard lock(impl.changing);
  impl.stream(input.DeliveryStreamName);
  storage::Batch batch;
  put_tags(impl, input.DeliveryStreamName, input.Tags, batch);
  impl.tools.context.catalog.commit(std::move(batch));
  return {};
}

api::UntagDeliveryStreamOutput untag_delivery_stream(Firehose& firehose, Call&,
                                                     const api::UntagDeliveryStreamInput& input) {
  Firehose::Impl& impl = firehose.impl();
  const std::lock_guard lock(impl.changing);
  impl.stream(input.DeliveryStreamName);
  storage::Batch batch;
  for (const std::string& key : input.TagKeys) {
    batch.remove(kTagTable, row_key(input.DeliveryStreamName, key));
  }
  impl.tools.context.catalog.commit(std::move(batch));
  return {};
}

api::ListTagsForDeliveryStreamOutput list_tags_for_delivery_stream(
    Firehose& firehose, Call&, const api::ListTagsForDeliveryStreamInput& input) {
  const std::string& name = input.DeliveryStreamName;
  const Firehose::Impl& impl = firehose.impl();
  impl.stream(name);
  const auto limit = static_cast<std::size_t>(input.Limit.value_or(kTagLimit));
  const std::string prefix = row_key(name, "");
  const std::string after =
      input.ExclusiveStartTagKey ? row_key(name, *input.ExclusiveStartTagKey) : "";
  api::ListTagsForDeliveryStreamOutput output;
  for (const auto& row : impl.tools.context.catalog.scan(kTagTable, prefix, after, limit + 1)) {
    if (output.Tags.size() == limit) {
      output.HasMoreTags = true;
      break;
    }
    output.Tags.push_back({row.key.substr(prefix.size()), row.value});
  }
  return output;
}

}  // namespace engine::firehose
