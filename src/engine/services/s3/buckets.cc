// Making, finding and deleting buckets.
#include "engine/services/s3/documents.h"
#include "engine/services/s3/errors.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/tags.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::s3 {
namespace {

constexpr std::string_view kHomeRegion = "us-east-1";

void check_location(const Context& context, const api::CreateBucketInput& input) {
  if (!input.CreateBucketConfiguration) return;
  const auto& location = input.CreateBucketConfiguration->LocationConstraint;
  if (!location || location->empty()) return;
  // us-east-1 is the one region that has no name in a location constraint.
  if (*location == kHomeRegion) throw invalid_location_constraint(*location);
  if (*location != context.region) throw illegal_location_constraint(*location);
}

// Verified: since April 2023 a new bucket has ACLs off and blocks all public access.
storage::Batch first_documents(const api::CreateBucketInput& input) {
  storage::Batch batch;
  api::OwnershipControls ownership;
  ownership.Rules.push_back({.ObjectOwnership = input.ObjectOwnership.value_or("BucketOwnerEnforced")});
  add_document(batch, input.Bucket, document::kOwnership, to_json(ownership));
  add_document(batch, input.Bucket, document::kPublicAccessBlock,
               to_json(api::PublicAccessBlockConfiguration{true, true, true, true}));
  if (input.CreateBucketConfiguration && input.CreateBucketConfiguration->Tags) {
    const api::Tagging tagging{*input.CreateBucketConfiguration->Tags};
    check_tags(to_tags(tagging.TagSet), "Bucket", kMostBucketTags);
    add_document(batch, input.Bucket, document::kTagging, to_json(tagging));
  }
  return batch;
}

Timestamp created(std::string_view row) {
  return Timestamp{base::Milliseconds{
      boost::json::parse(row).at("created").to_number<std::int64_t>()}};
}

}  // namespace

api::ListBucketsOutput list_buckets(S3& s3, Call&, const api::ListBucketsInput& input) {
  auto& context = s3.impl().context;
  api::ListBucketsOutput output;
  output.Owner = {.DisplayName = {}, .ID = canonical_id(context)};
  output.Prefix = input.Prefix;
  output.Buckets.emplace();
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(input.MaxBuckets.value_or(10000), 1, 10000));
  std::string after;
  if (input.ContinuationToken) {
    const auto token = base::from_base64(*input.ContinuationToken);
    if (!token) {
      throw invalid_argument("The continuation token provided is incorrect", "continuation-token",
                             *input.ContinuationToken);
    }
    after = *token;
  }
  if (input.BucketRegion && *input.BucketRegion != context.region) return output;
  for (auto& row : context.catalog.scan(kBuckets, input.Prefix.value_or(""), after, most + 1)) {
    if (output.Buckets->size() == most) {
      output.ContinuationToken = base::to_base64(*output.Buckets->back().Name);
      break;
    }
    api::Bucket bucket;
    bucket.CreationDate = created(row.value);
    bucket.BucketArn = "arn:aws:s3:::" + row.key;
    bucket.BucketRegion = context.region;
    bucket.Name = std::move(row.key);
    output.Buckets->push_back(std::move(bucket));
  }
  return output;
}

api::CreateBucketOutput create_bucket(S3& s3, Call& call, const api::CreateBucketInput& input) {
  verify_body(call);
  auto& impl = s3.impl();
  if (input.ObjectLockEnabledForBucket.value_or(false)) {
    throw not_implemented("x-amz-bucket-object-lock-enabled");
  }
  check_location(impl.context, input);
  try {
    impl.make_bucket(input.Bucket, first_documents(input));
  } catch (const AwsError& error) {
    // Verified: us-east-1 answers success for a bucket of one's own that exists; other regions do not.
    if (error.code != "BucketAlreadyOwnedByYou" || impl.context.region != kHomeRegion) throw;
  }
  return {.Location = "/" + input.Bucket, .BucketArn = "arn:aws:s3:::" + input.Bucket};
}

api::HeadBucketOutput head_bucket(S3& s3, Call&, const api::HeadBucketInput& input) {
  s3.impl().require_bucket(input.Bucket);
  api::HeadBucketOutput output;
  output.BucketArn = "arn:aws:s3:::" + input.Bucket;
  output.BucketRegion = s3.impl().context.region;
  output.AccessPointAlias = false;
  return output;
}

api::DeleteBucketOutput delete_bucket(S3& s3, Call&, const api::DeleteBucketInput& input) {
  s3.delete_bucket(input.Bucket);
  return {};
}

api::GetBucketLocationOutput get_bucket_location(S3& s3, Call&,
                                                 const api::GetBucketLocationInput& input) {
  s3.impl().require_bucket(input.Bucket);
  if (s3.impl().context.region == kHomeRegion) return {};
  return {.LocationConstraint = s3.impl().context.region};
}

}  // namespace engine::s3
