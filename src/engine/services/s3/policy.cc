// The policy of a bucket: what may stand in it, and what it is held by.
#include "engine/services/s3/policy.h"

#include "engine/models/s3.h"
#include "engine/services/s3/documents.h"
#include "engine/services/s3/errors.h"
#include "engine/services/s3/names.h"

#include <boost/json.hpp>

namespace engine::s3 {
namespace {

namespace json = boost::json;

/// Of one text or several.
template <class Use>
void each(const json::value& one_or_many, Use&& use) {
  if (!one_or_many.is_array()) return use(one_or_many);
  for (const auto& one : one_or_many.get_array()) use(one);
}

void check_resources(const json::value& statement, std::string_view bucket) {
  const std::string arn = "arn:aws:s3:::" + std::string(bucket);
  for (const char* member : {"Resource", "NotResource"}) {
    const auto* resources = statement.is_object() ? statement.get_object().if_contains(member) : nullptr;
    if (resources == nullptr) continue;
    each(*resources, [&](const json::value& one) {
      const std::string_view text = one.is_string() ? std::string_view(one.get_string()) : std::string_view();
      if (text != arn && !text.starts_with(arn + "/")) throw malformed_policy("Policy has invalid resource");
    });
  }
}

bool names_everyone(const json::value& principal) {
  if (principal.is_string()) return principal.get_string() == "*";
  const auto* accounts = principal.is_object() ? principal.get_object().if_contains("AWS") : nullptr;
  bool everyone = false;
  if (accounts != nullptr) each(*accounts, [&](const json::value& one) { everyone |= one == "*"; });
  return everyone;
}

}  // namespace

std::optional<BucketPolicy> bucket_policy(S3& s3, std::string_view bucket) {
  const auto find = [&](std::string_view kind) { return s3.impl().catalog().get(kDocuments, row_key(bucket, kind)); };
  auto document = find(document::kPolicy);
  if (!document) return std::nullopt;
  const auto block = find(document::kPublicAccessBlock);
  const bool restricted = block && from_json<api::PublicAccessBlockConfiguration>(*block).RestrictPublicBuckets.value_or(false);
  return BucketPolicy{std::move(*document), restricted};
}

void check_policies_with(S3& s3, PolicyCheck check) { s3.impl().check_policy = std::move(check); }

void check_policy(S3& s3, std::string_view bucket, std::string_view policy) {
  boost::system::error_code error;
  const auto parsed = json::parse(policy, error);
  if (error || !parsed.is_object()) throw malformed_policy("Policies must be valid JSON and the first byte must be '{'");
  const auto* statements = parsed.get_object().if_contains("Statement");
  if (statements == nullptr) throw malformed_policy("Missing required field Statement");
  if (s3.impl().check_policy) {
    try {
      s3.impl().check_policy(policy);
    } catch (const AwsError& refused) {
      throw malformed_policy(refused.what());
    }
  }
  each(*statements, [&](const json::value& one) { check_resources(one, bucket); });
}

bool is_public(std::string_view policy) {
  bool open = false;
  const auto parsed = json::parse(policy);
  each(parsed.at("Statement"), [&](const json::value& value) {
    if (!value.is_object()) return;
    const json::object& one = value.get_object();
    const auto* effect = one.if_contains("Effect");
    const auto* principal = one.if_contains("Principal");
    open |= effect != nullptr && *effect == "Allow" && principal != nullptr && names_everyone(*principal) &&
            !one.contains("Condition");
  });
  return open;
}

}  // namespace engine::s3
