// Every operation of S3 that we implement, by the file it stands in.
#pragma once

#include "engine/models/s3.h"
#include "engine/protocol/operation.h"
#include "engine/services/s3/s3.h"

namespace engine::s3 {

// buckets.cc
api::ListBucketsOutput list_buckets(S3&, Call&, const api::ListBucketsInput&);
api::CreateBucketOutput create_bucket(S3&, Call&, const api::CreateBucketInput&);
api::HeadBucketOutput head_bucket(S3&, Call&, const api::HeadBucketInput&);
api::DeleteBucketOutput delete_bucket(S3&, Call&, const api::DeleteBucketInput&);
api::GetBucketLocationOutput get_bucket_location(S3&, Call&, const api::GetBucketLocationInput&);

// put_object.cc, get_object.cc, attributes.cc, copy.cc, delete_objects.cc
api::PutObjectOutput put_object(S3&, Call&, const api::PutObjectInput&);
api::GetObjectOutput get_object(S3&, Call&, const api::GetObjectInput&);
api::HeadObjectOutput head_object(S3&, Call&, const api::HeadObjectInput&);
api::GetObjectAttributesOutput get_object_attributes(S3&, Call&, const api::GetObjectAttributesInput&);
api::CopyObjectOutput copy_object(S3&, Call&, const api::CopyObjectInput&);
api::DeleteObjectOutput delete_object(S3&, Call&, const api::DeleteObjectInput&);
api::DeleteObjectsOutput delete_objects(S3&, Call&, const api::DeleteObjectsInput&);

// list.cc
api::ListObjectsOutput list_objects(S3&, Call&, const api::ListObjectsInput&);
api::ListObjectsV2Output list_objects_v2(S3&, Call&, const api::ListObjectsV2Input&);
api::ListObjectVersionsOutput list_object_versions(S3&, Call&, const api::ListObjectVersionsInput&);

// multipart.cc, list_multipart.cc, complete_multipart.cc
api::CreateMultipartUploadOutput create_multipart_upload(S3&, Call&,
                                                         const api::CreateMultipartUploadInput&);
api::UploadPartOutput upload_part(S3&, Call&, const api::UploadPartInput&);
api::UploadPartCopyOutput upload_part_copy(S3&, Call&, const api::UploadPartCopyInput&);
api::AbortMultipartUploadOutput abort_multipart_upload(S3&, Call&,
                                                       const api::AbortMultipartUploadInput&);
api::ListPartsOutput list_parts(S3&, Call&, const api::ListPartsInput&);
api::ListMultipartUploadsOutput list_multipart_uploads(S3&, Call&,
                                                       const api::ListMultipartUploadsInput&);
api::CompleteMultipartUploadOutput complete_multipart_upload(
    S3&, Call&, const api::CompleteMultipartUploadInput&);

// tagging.cc
api::PutObjectTaggingOutput put_object_tagging(S3&, Call&, const api::PutObjectTaggingInput&);
api::GetObjectTaggingOutput get_object_tagging(S3&, Call&, const api::GetObjectTaggingInput&);
api::DeleteObjectTaggingOutput delete_object_tagging(S3&, Call&, const api::DeleteObjectTaggingInput&);
api::PutBucketTaggingOutput put_bucket_tagging(S3&, Call&, const api::PutBucketTaggingInput&);
api::GetBucketTaggingOutput get_bucket_tagging(S3&, Call&, const api::GetBucketTaggingInput&);
api::DeleteBucketTaggingOutput delete_bucket_tagging(S3&, Call&, const api::DeleteBucketTaggingInput&);

// documents.cc
api::PutBucketPolicyOutput put_bucket_policy(S3&, Call&, const api::PutBucketPolicyInput&);
api::GetBucketPolicyOutput get_bucket_policy(S3&, Call&, const api::GetBucketPolicyInput&);
api::DeleteBucketPolicyOutput delete_bucket_policy(S3&, Call&, const api::DeleteBucketPolicyInput&);
api::PutBucketCorsOutput put_bucket_cors(S3&, Call&, const api::PutBucketCorsInput&);
api::GetBucketCorsOutput get_bucket_cors(S3&, Call&, const api::GetBucketCorsInput&);
api::DeleteBucketCorsOutput delete_bucket_cors(S3&, Call&, const api::DeleteBucketCorsInput&);
api::PutBucketEncryptionOutput put_bucket_encryption(S3&, Call&, const api::PutBucketEncryptionInput&);
api::GetBucketEncryptionOutput get_bucket_encryption(S3&, Call&, const api::GetBucketEncryptionInput&);
api::DeleteBucketEncryptionOutput delete_bucket_encryption(S3&, Call&,
                                                           const api::DeleteBucketEncryptionInput&);
api::PutBucketLifecycleConfigurationOutput put_bucket_lifecycle_configuration(
    S3&, Call&, const api::PutBucketLifecycleConfigurationInput&);
api::GetBucketLifecycleConfigurationOutput get_bucket_lifecycle_configuration(
    S3&, Call&, const api::GetBucketLifecycleConfigurationInput&);
api::DeleteBucketLifecycleOutput delete_bucket_lifecycle(S3&, Call&,
                                                         const api::DeleteBucketLifecycleInput&);
api::PutBucketOwnershipControlsOutput put_bucket_ownership_controls(
    S3&, Call&, const api::PutBucketOwnershipControlsInput&);
api::GetBucketOwnershipControlsOutput get_bucket_ownership_controls(
    S3&, Call&, const api::GetBucketOwnershipControlsInput&);
api::DeleteBucketOwnershipControlsOutput delete_bucket_ownership_controls(
    S3&, Call&, const api::DeleteBucketOwnershipControlsInput&);
api::PutPublicAccessBlockOutput put_public_access_block(S3&, Call&,
                                                        const api::PutPublicAccessBlockInput&);
api::GetPublicAccessBlockOutput get_public_access_block(S3&, Call&,
                                                        const api::GetPublicAccessBlockInput&);
api::DeletePublicAccessBlockOutput delete_public_access_block(
    S3&, Call&, const api::DeletePublicAccessBlockInput&);
api::PutBucketVersioningOutput put_bucket_versioning(S3&, Call&, const api::PutBucketVersioningInput&);
api::GetBucketVersioningOutput get_bucket_versioning(S3&, Call&, const api::GetBucketVersioningInput&);
api::PutBucketNotificationConfigurationOutput put_bucket_notification_configuration(
    S3&, Call&, const api::PutBucketNotificationConfigurationInput&);
api::GetBucketNotificationConfigurationOutput get_bucket_notification_configuration(
    S3&, Call&, const api::GetBucketNotificationConfigurationInput&);

// defaults.cc: what can only be asked, and is as on a new bucket of AWS
api::GetBucketAclOutput get_bucket_acl(S3&, Call&, const api::GetBucketAclInput&);
api::GetObjectAclOutput get_object_acl(S3&, Call&, const api::GetObjectAclInput&);
api::GetBucketAccelerateConfigurationOutput get_bucket_accelerate_configuration(
    S3&, Call&, const api::GetBucketAccelerateConfigurationInput&);
api::GetBucketLoggingOutput get_bucket_logging(S3&, Call&, const api::GetBucketLoggingInput&);
api::GetBucketReplicationOutput get_bucket_replication(S3&, Call&,
                                                       const api::GetBucketReplicationInput&);
api::GetBucketRequestPaymentOutput get_bucket_request_payment(
    S3&, Call&, const api::GetBucketRequestPaymentInput&);
api::GetBucketWebsiteOutput get_bucket_website(S3&, Call&, const api::GetBucketWebsiteInput&);
api::GetObjectLockConfigurationOutput get_object_lock_configuration(
    S3&, Call&, const api::GetObjectLockConfigurationInput&);

}  // namespace engine::s3
