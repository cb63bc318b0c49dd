// Putting, getting and deleting the documents of a bucket.
//
// Deviation: lifecycle, versioning, encryption, CORS and notifications are kept and given back as sent, but nothing
// acts on them.
#include "engine/services/s3/documents.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/names.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/policy.h"
#include "lib/base/encoding.h"

namespace engine::s3 {

void put_document(S3& s3, std::string_view bucket, std::string_view kind, std::string_view text) {
  auto& impl = s3.impl();
  const std::shared_lock bucket_stays(impl.buckets);
  impl.require_bucket(bucket);
  storage::Batch batch;
  add_document(batch, bucket, kind, text);
  impl.catalog().commit(std::move(batch));
}

std::optional<std::string> find_document(S3& s3, std::string_view bucket, std::string_view kind) {
  s3.impl().require_bucket(bucket);
  return s3.impl().catalog().get(kDocuments, row_key(bucket, kind));
}

void delete_document(S3& s3, std::string_view bucket, std::string_view kind) {
  auto& impl = s3.impl();
  const std::shared_lock bucket_stays(impl.buckets);
  impl.require_bucket(bucket);
  storage::Batch batch;
  batch.remove(kDocuments, row_key(bucket, kind));
  impl.catalog().commit(std::move(batch));
}

void add_document(storage::Batch& batch, std::string_view bucket, std::string_view kind,
                  std::string_view text) {
  batch.put(kDocuments, row_key(bucket, kind), text);
}

void verify_body(const Call& call) {
  Checksums given;
  for (const auto& [name, value] : call.request.headers) {
    constexpr std::string_view kPrefix = "x-amz-checksum-";
    std::string algorithm = base::to_lower(name);
    if (!algorithm.starts_with(kPrefix)) continue;
    algorithm = to_upper(algorithm.substr(kPrefix.size()));
    if (is_checksum_algorithm(algorithm)) given.emplace(algorithm, value);
  }
  std::optional<std::string> md5;
  if (const auto found = call.request.headers.find("Content-MD5")) md5 = *found;
  if (given.empty() && !md5) return;
  verify(digest(call.body, wanted_algorithms(given, std::nullopt)), given, md5);
}

namespace {

// A document that must have been put.
template <class Shape>
Shape document_of(S3& s3, std::string_view bucket, std::string_view kind, std::string_view code,
                  std::string_view message) {
  const auto text = find_document(s3, bucket, kind);
  if (!text) throw no_document(bucket, code, message);
  return from_json<Shape>(*text);
}

constexpr std::string_view kTransitionDefault = "all_storage_classes_128K";

}  // namespace

// Policy

api::PutBucketPolicyOutput put_bucket_policy(S3& s3, Call& call, const api::PutBucketPolicyInput& input) {
  verify_body(call);
  check_policy(s3, input.Bucket, input.Policy);
  const auto block = find_document(s3, input.Bucket, document::kPublicAccessBlock);
  if (block && from_json<api::PublicAccessBlockConfiguration>(*block).BlockPublicPolicy.value_or(false) &&
      is_public(input.Policy)) {
    throw public_policy_blocked(call.principal_arn, input.Bucket);
  }
  put_document(s3, input.Bucket, document::kPolicy, input.Policy);
  call.status = 204;  // Verified: the model says 200, S3 answers 204
  return {};
}

api::GetBucketPolicyOutput get_bucket_policy(S3& s3, Call&, const api::GetBucketPolicyInput& input) {
  auto policy = find_document(s3, input.Bucket, document::kPolicy);
  if (!policy) throw no_document(input.Bucket, "NoSuchBucketPolicy", "The bucket policy does not exist");
  return {.Policy = std::move(policy)};
}

api::DeleteBucketPolicyOutput delete_bucket_policy(S3& s3, Call&,
                                                   const api::DeleteBucketPolicyInput& input) {
  delete_document(s3, input.Bucket, document::kPolicy);
  return {};
}

// CORS

api::PutBucketCorsOutput put_bucket_cors(S3& s3, Call& call, const api::PutBucketCorsInput& input) {
  verify_body(call);
  if (input.CORSConfiguration.CORSRules.empty()) throw malformed_xml();
  put_document(s3, input.Bucket, document::kCors, to_json(input.CORSConfiguration));
  return {};
}

api::GetBucketCorsOutput get_bucket_cors(S3& s3, Call&, const api::GetBucketCorsInput& input) {
  auto document = document_of<api::CORSConfiguration>(
      s3, input.Bucket, document::kCors, "NoSuchCORSConfiguration",
      "The CORS configuration does not exist");
  return {.CORSRules = std::move(document.CORSRules)};
}

api::DeleteBucketCorsOutput delete_bucket_cors(S3& s3, Call&, const api::DeleteBucketCorsInput& input) {
  delete_document(s3, input.Bucket, document::kCors);
  return {};
}

// Encryption

api::PutBucketEncryptionOutput put_bucket_encryption(S3& s3, Call& call,
                                                     const api::PutBucketEncryptionInput& input) {
  verify_body(call);
  if (input.ServerSideEncryptionConfiguration.Rules.size() != 1) throw malformed_xml();
  put_document(s3, input.Bucket, document::kEncryption,
               to_json(input.ServerSideEncryptionConfiguration));
  return {};
}

// A bucket is never without: AWS answers SSE-S3 for one that was told nothing.
api::GetBucketEncryptionOutput get_bucket_encryption(S3& s3, Call&,
                                                     const api::GetBucketEncryptionInput& input) {
  if (const auto text = find_document(s3, input.Bucket, document::kEncryption)) {
    return {.ServerSideEncryptionConfiguration =
                from_json<api::ServerSideEncryptionConfiguration>(*text)};
  }
  api::ServerSideEncryptionRule rule;
  rule.ApplyServerSideEncryptionByDefault = {.SSEAlgorithm = "AES256", .KMSMasterKeyID = {}};
  rule.BucketKeyEnabled = false;
  return {.ServerSideEncryptionConfiguration = {{.Rules = {std::move(rule)}}}};
}

api::DeleteBucketEncryptionOutput delete_bucket_encryption(
    S3& s3, Call&, const api::DeleteBucketEncryptionInput& input) {
  delete_document(s3, input.Bucket, document::kEncryption);
  return {};
}

// Lifecycle: the request without its bucket is the document, since the header belongs to it.

api::PutBucketLifecycleConfigurationOutput put_bucket_lifecycle_configuration(
    S3& s3, Call& call, const api::PutBucketLifecycleConfigurationInput& input) {
  verify_body(call);
  if (!input.LifecycleConfiguration || input.LifecycleConfiguration->Rules.empty()) throw malformed_xml();
  api::GetBucketLifecycleConfigurationOutput document;
  document.Rules = input.LifecycleConfiguration->Rules;
  for (auto& rule : *document.Rules) {
    if (!rule.ID || rule.ID->empty()) rule.ID = s3.impl().context.ids.uuid();
  }
  document.TransitionDefaultMinimumObjectSize =
      input.TransitionDefaultMinimumObjectSize.value_or(std::string(kTransitionDefault));
  put_document(s3, input.Bucket, document::kLifecycle, to_json(document));
  return {.TransitionDefaultMinimumObjectSize = document.TransitionDefaultMinimumObjectSize};
}

api::GetBucketLifecycleConfigurationOutput get_bucket_lifecycle_configuration(
    S3& s3, Call&, const api::GetBucketLifecycleConfigurationInput& input) {
  return document_of<api::GetBucketLifecycleConfigurationOutput>(
      s3, input.Bucket, document::kLifecycle, "NoSuchLifecycleConfiguration",
      "The lifecycle configuration does not exist");
}

api::DeleteBucketLifecycleOutput delete_bucket_lifecycle(S3& s3, Call&,
                                                         const api::DeleteBucketLifecycleInput& input) {
  delete_document(s3, input.Bucket, document::kLifecycle);
  return {};
}

// Ownership controls

api::PutBucketOwnershipControlsOutput put_bucket_ownership_controls(
    S3& s3, Call& call, const api::PutBucketOwnershipControlsInput& input) {
  verify_body(call);
  if (input.OwnershipControls.Rules.size() != 1) throw malformed_xml();
  put_document(s3, input.Bucket, document::kOwnership, to_json(input.OwnershipControls));
  return {};
}

api::GetBucketOwnershipControlsOutput get_bucket_ownership_controls(
    S3& s3, Call&, const api::GetBucketOwnershipControlsInput& input) {
  return {.OwnershipControls = document_of<api::OwnershipControls>(
              s3, input.Bucket, document::kOwnership, "OwnershipControlsNotFoundError",
              "The bucket ownership controls were not found")};
}

api::DeleteBucketOwnershipControlsOutput delete_bucket_ownership_controls(
    S3& s3, Call&, const api::DeleteBucketOwnershipControlsInput& input) {
  delete_document(s3, input.Bucket, document::kOwnership);
  return {};
}

// Public access block: what was left out is false, as AWS reads it.

api::PutPublicAccessBlockOutput put_public_access_block(S3& s3, Call& call,
                                                        const api::PutPublicAccessBlockInput& input) {
  verify_body(call);
  auto document = input.PublicAccessBlockConfiguration;
  for (auto* flag : {&document.BlockPublicAcls, &document.IgnorePublicAcls,
                     &document.BlockPublicPolicy, &document.RestrictPublicBuckets}) {
    if (!*flag) *flag = false;
  }
  put_document(s3, input.Bucket, document::kPublicAccessBlock, to_json(document));
  return {};
}

api::GetPublicAccessBlockOutput get_public_access_block(S3& s3, Call&,
                                                        const api::GetPublicAccessBlockInput& input) {
  return {.PublicAccessBlockConfiguration = document_of<api::PublicAccessBlockConfiguration>(
              s3, input.Bucket, document::kPublicAccessBlock,
              "NoSuchPublicAccessBlockConfiguration",
              "The public access block configuration was not found")};
}

api::DeletePublicAccessBlockOutput delete_public_access_block(
    S3& s3, Call&, const api::DeletePublicAccessBlockInput& input) {
  delete_document(s3, input.Bucket, document::kPublicAccessBlock);
  return {};
}

// Versioning

api::PutBucketVersioningOutput put_bucket_versioning(S3& s3, Call& call,
                                                     const api::PutBucketVersioningInput& input) {
  verify_body(call);
  const auto& status = input.VersioningConfiguration.Status;
  if (!status || (*status != "Enabled" && *status != "Suspended")) throw malformed_xml();
  put_document(s3, input.Bucket, document::kVersioning, to_json(input.VersioningConfiguration));
  return {};
}

api::GetBucketVersioningOutput get_bucket_versioning(S3& s3, Call&,
                                                     const api::GetBucketVersioningInput& input) {
  const auto text = find_document(s3, input.Bucket, document::kVersioning);
  if (!text) return {};
  auto document = from_json<api::VersioningConfiguration>(*text);
  return {.Status = std::move(document.Status), .MFADelete = std::move(document.MFADelete)};
}

// Notifications

api::PutBucketNotificationConfigurationOutput put_bucket_notification_configuration(
    S3& s3, Call& call, const api::PutBucketNotificationConfigurationInput& input) {
  verify_body(call);
  put_document(s3, input.Bucket, document::kNotification, to_json(input.NotificationConfiguration));
  return {};
}

api::GetBucketNotificationConfigurationOutput get_bucket_notification_configuration(
    S3& s3, Call&, const api::GetBucketNotificationConfigurationInput& input) {
  const auto text = find_document(s3, input.Bucket, document::kNotification);
  if (!text) return {};
  return from_json<api::NotificationConfiguration>(*text);
}

}  // namespace engine::s3
