// The operations of S3, one line each.
#include "engine/services/s3/api.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/operations.h"

namespace engine::s3 {
namespace {

/// Every bucket is the caller's account's: a request that expects another's is refused.
Operation for_its_owner(Operation one) {
  one.run = [run = std::move(one.run)](Call& call, const void* input) {
    for (const char* header : {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
      const auto expected = call.request.headers.get(header);
      if (!expected.empty() && expected != call.account) throw bucket_of_another();
    }
    return run(call, input);
  };
  return one;
}

}  // namespace

ServiceDefinition definition(S3& s3) {
  ServiceDefinition all = {
      .name = "s3",
      .signing_name = "s3",
      .protocol = Protocol::kRestXml,
      .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
      .routes = api::routes(),
      .operations = {
          operation<api::op::ListBuckets>(list_buckets, s3),
          operation<api::op::CreateBucket>(create_bucket, s3),
          operation<api::op::HeadBucket>(head_bucket, s3),
          operation<api::op::DeleteBucket>(delete_bucket, s3),
          operation<api::op::GetBucketLocation>(get_bucket_location, s3),
          operation<api::op::PutObject>(put_object, s3),
          operation<api::op::GetObject>(get_object, s3),
          operation<api::op::HeadObject>(head_object, s3),
          operation<api::op::GetObjectAttributes>(get_object_attributes, s3),
          operation<api::op::CopyObject>(copy_object, s3),
          operation<api::op::DeleteObject>(delete_object, s3),
          operation<api::op::DeleteObjects>(delete_objects, s3),
          operation<api::op::ListObjects>(list_objects, s3),
          operation<api::op::ListObjectsV2>(list_objects_v2, s3),
          operation<api::op::ListObjectVersions>(list_object_versions, s3),
          operation<api::op::CreateMultipartUpload>(create_multipart_upload, s3),
          operation<api::op::UploadPart>(upload_part, s3),
          operation<api::op::UploadPartCopy>(upload_part_copy, s3),
          operation<api::op::AbortMultipartUpload>(abort_multipart_upload, s3),
          operation<api::op::ListParts>(list_parts, s3),
          operation<api::op::ListMultipartUploads>(list_multipart_uploads, s3),
          operation<api::op::CompleteMultipartUpload>(complete_multipart_upload, s3),
          operation<api::op::PutObjectTagging>(put_object_tagging, s3),
          operation<api::op::GetObjectTagging>(get_object_tagging, s3),
          operation<api::op::DeleteObjectTagging>(delete_object_tagging, s3),
          operation<api::op::PutBucketTagging>(put_bucket_tagging, s3),
          operation<api::op::GetBucketTagging>(get_bucket_tagging, s3),
          operation<api::op::DeleteBucketTagging>(delete_bucket_tagging, s3),
          operation<api::op::PutBucketPolicy>(put_bucket_policy, s3),
          operation<api::op::GetBucketPolicy>(get_bucket_policy, s3),
          operation<api::op::DeleteBucketPolicy>(delete_bucket_policy, s3),
          operation<api::op::PutBucketCors>(put_bucket_cors, s3),
          operation<api::op::GetBucketCors>(get_bucket_cors, s3),
          operation<api::op::DeleteBucketCors>(delete_bucket_cors, s3),
          operation<api::op::PutBucketEncryption>(put_bucket_encryption, s3),
          operation<api::op::GetBucketEncryption>(get_bucket_encryption, s3),
          operation<api::op::DeleteBucketEncryption>(delete_bucket_encryption, s3),
          operation<api::op::PutBucketLifecycleConfiguration>(put_bucket_lifecycle_configuration, s3),
          operation<api::op::GetBucketLifecycleConfiguration>(get_bucket_lifecycle_configuration, s3),
          operation<api::op::DeleteBucketLifecycle>(delete_bucket_lifecycle, s3),
          operation<api::op::PutBucketOwnershipControls>(put_bucket_ownership_controls, s3),
          operation<api::op::GetBucketOwnershipControls>(get_bucket_ownership_controls, s3),
          operation<api::op::DeleteBucketOwnershipControls>(delete_bucket_ownership_controls, s3),
          operation<api::op::PutPublicAccessBlock>(put_public_access_block, s3),
          operation<api::op::GetPublicAccessBlock>(get_public_access_block, s3),
          operation<api::op::DeletePublicAccessBlock>(delete_public_access_block, s3),
          operation<api::op::PutBucketVersioning>(put_bucket_versioning, s3),
          operation<api::op::GetBucketVersioning>(get_bucket_versioning, s3),
          operation<api::op::PutBucketNotificationConfiguration>(put_bucket_notification_configuration, s3),
          operation<api::op::GetBucketNotificationConfiguration>(get_bucket_notification_configuration, s3),
          operation<api::op::GetBucketAcl>(get_bucket_acl, s3),
          operation<api::op::GetObjectAcl>(get_object_acl, s3),
          operation<api::op::GetBucketAccelerateConfiguration>(get_bucket_accelerate_configuration, s3),
          operation<api::op::GetBucketLogging>(get_bucket_logging, s3),
          operation<api::op::GetBucketReplication>(get_bucket_replication, s3),
          operation<api::op::GetBucketRequestPayment>(get_bucket_request_payment, s3),
          operation<api::op::GetBucketWebsite>(get_bucket_website, s3),
          operation<api::op::GetObjectLockConfiguration>(get_object_lock_configuration, s3),
      }};
  for (Operation& one : all.operations) one = for_its_owner(std::move(one));
  return all;
}

}  // namespace engine::s3
