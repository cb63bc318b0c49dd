// What can only be asked: answered as a new bucket of AWS would.
#include "engine/services/s3/errors.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/state.h"

namespace engine::s3 {
namespace {

std::vector<api::Grant> owner_grants(const std::string& id) {
  api::Grantee grantee;
  grantee.ID = id;
  grantee.Type = "CanonicalUser";
  return {{.Grantee = std::move(grantee), .Permission = "FULL_CONTROL"}};
}

}  // namespace

api::GetBucketAclOutput get_bucket_acl(S3& s3, Call&, const api::GetBucketAclInput& input) {
  s3.impl().require_bucket(input.Bucket);
  const auto id = canonical_id(s3.impl().context);
  return {.Owner = {{.DisplayName = {}, .ID = id}}, .Grants = owner_grants(id)};
}

api::GetObjectAclOutput get_object_acl(S3& s3, Call&, const api::GetObjectAclInput& input) {
  s3.object(input.Bucket, input.Key);
  const auto id = canonical_id(s3.impl().context);
  api::GetObjectAclOutput output;
  output.Owner = {.DisplayName = {}, .ID = id};
  output.Grants = owner_grants(id);
  return output;
}

api::GetBucketAccelerateConfigurationOutput get_bucket_accelerate_configuration(
    S3& s3, Call&, const api::GetBucketAccelerateConfigurationInput& input) {
  s3.impl().require_bucket(input.Bucket);
  return {};
}

api::GetBucketLoggingOutput get_bucket_logging(S3& s3, Call&,
                                               const api::GetBucketLoggingInput& input) {
  s3.impl().require_bucket(input.Bucket);
  return {};
}

api::GetBucketReplicationOutput get_bucket_replication(S3& s3, Call&,
                                                       const api::GetBucketReplicationInput& input) {
  s3.impl().require_bucket(input.Bucket);
  throw no_document(input.Bucket, "ReplicationConfigurationNotFoundError",
                    "The replication configuration was not found");
}

api::GetBucketRequestPaymentOutput get_bucket_request_payment(
    S3& s3, Call&, const api::GetBucketRequestPaymentInput& input) {
  s3.impl().require_bucket(input.Bucket);
  return {.Payer = "BucketOwner"};
}

api::GetBucketWebsiteOutput get_bucket_website(S3& s3, Call&,
                                               const api::GetBucketWebsiteInput& input) {
  s3.impl().require_bucket(input.Bucket);
  throw no_document(input.Bucket, "NoSuchWebsiteConfiguration",
                    "The specified bucket does not have a website configuration");
}

api::GetObjectLockConfigurationOutput get_object_lock_configuration(
    S3& s3, Call&, const api::GetObjectLockConfigurationInput& input) {
  s3.impl().require_bucket(input.Bucket);
  throw no_document(input.Bucket, "ObjectLockConfigurationNotFoundError",
                    "Object Lock configuration does not exist for this bucket");
}

}  // namespace engine::s3
