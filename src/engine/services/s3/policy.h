// The policy of a bucket, as who decides on access asks for it.
#pragma once

#include "engine/services/s3/s3.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace engine::s3 {

struct BucketPolicy {
  std::string document;
  bool restricted = false;  ///< RestrictPublicBuckets: it opens the bucket to nobody outside the account
};

/// Nothing of a bucket that has none, or isn't there.
std::optional<BucketPolicy> bucket_policy(S3& s3, std::string_view bucket);

/// Throws AwsError with a sentence for a document that is no policy of a resource.
using PolicyCheck = std::function<void(std::string_view document)>;
/// What PutBucketPolicy holds documents against from now on. Before the first request.
void check_policies_with(S3& s3, PolicyCheck check);

/// Throws MalformedPolicy for what S3 refuses in any bucket's policy, and in this one's.
void check_policy(S3& s3, std::string_view bucket, std::string_view policy);

/// Whether it allows something to everyone, without a condition.
bool is_public(std::string_view policy);

}  // namespace engine::s3
