// The lake's buckets: encrypted, private, answering over TLS alone, each with its rules for what
// grows old.
#include "cli/calls/xml.h"
#include "cli/deploy/steps.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace cli {
namespace {

/// Of a bucket, by the name S3 asks for it; no text where there shall be none.
struct Setting {
  const char* name;
  std::string text;
};

std::string document(const char* name, std::string_view content) {
  return fmt::format("<{0} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{1}</{0}>", name,
                     content);
}

/// A rule over the whole bucket.
std::string rule(const char* id, std::string_view what) {
  return element("Rule", element("ID", id) + element("Filter", element("Prefix", "")) +
                             element("Status", "Enabled") + std::string(what));
}

std::string days(const char* name, int count) { return element(name, std::to_string(count)); }

std::string expiry(const char* id, const char* what, const char* unit, int count) {
  return rule(id, element(what, days(unit, count)));
}

std::string lifecycle(const System& system, const std::string& bucket) {
  const Spec::Lifecycle& spec = system.spec.lifecycle;
  std::string rules = expiry("abort-uploads", "AbortIncompleteMultipartUpload",
                             "DaysAfterInitiation", spec.abort_uploads);
  if (bucket == system.raw_bucket()) {
    rules += rule("infrequent", element("Transition", days("Days", spec.raw_infrequent) +
                                                          element("StorageClass", "STANDARD_IA")));
  } else if (bucket == system.models_bucket()) {
    rules +=
        expiry("old-versions", "NoncurrentVersionExpiration", "NoncurrentDays", spec.old_versions);
  } else if (bucket == system.queries_bucket()) {
    rules += expiry("results", "Expiration", "Days", spec.results);
  }
  return document("LifecycleConfiguration", rules);
}

std::string encryption() {
  return document("ServerSideEncryptionConfiguration",
                  element("Rule", element("ApplyServerSideEncryptionByDefault",
                                          element("SSEAlgorithm", "AES256")) +
                                      element("BucketKeyEnabled", "false")));
}

std::string ownership() {
  return document("OwnershipControls",
                  element("Rule", element("ObjectOwnership", "BucketOwnerEnforced")));
}

std::string public_access() {
  std::string blocks;
  for (const char* block :
       {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}) {
    blocks += element(block, "true");
  }
  return document("PublicAccessBlockConfiguration", blocks);
}

std::string tagging(const Spec& spec) {
  if (spec.tags.empty()) return "";
  std::string tags;
  for (const auto& [key, value] : spec.tags) {
    tags += element("Tag", element("Key", escape_xml(key)) + element("Value", escape_xml(value)));
  }
  return document("Tagging", element("TagSet", tags));
}

std::string tls_policy(const std::string& bucket) {
  const std::string arn = "arn:aws:s3:::" + bucket;
  const json::object statement{
      {"Sid", "OnlyOverTls"},
      {"Effect", "Deny"},
      {"Principal", "*"},
      {"Action", "s3:*"},
      {"Resource", json::array{json::string(arn), json::string(arn + "/*")}},
      {"Condition", {{"Bool", {{"aws:SecureTransport", "false"}}}}}};
  return json::serialize(
      json::object{{"Version", "2012-10-17"}, {"Statement", json::array{statement}}});
}

std::vector<Setting> settings(const System& system, const std::string& bucket) {
  std::vector<Setting> all{{"encryption", encryption()},
                           {"ownershipControls", ownership()},
                           {"publicAccessBlock", public_access()},
                           {"policy", tls_policy(bucket)},
                           {"lifecycle", lifecycle(system, bucket)},
                           {"tagging", tagging(system.spec)}};
  // A model that was registered must stay what it was.
  if (bucket == system.models_bucket()) {
    all.push_back(
        {"versioning", document("VersioningConfiguration", element("Status", "Enabled"))});
  }
  return all;
}

bool setting_agrees(const std::string& present, const std::string& wanted) {
  if (!wanted.starts_with('{')) return xml_agrees(present, wanted);
  boost::system::error_code failed;
  const json::value value = json::parse(present, failed);
  return !failed && value == json::parse(wanted);
}

std::optional<json::value> setting_of(aws::S3& s3, const std::string& bucket, const char* name) {
  return describe([&] { return json::value(json::string(s3.get_setting(bucket, name))); });
}

/// True when it had to be changed.
bool update_setting(aws::S3& s3, const std::string& bucket, const Setting& wanted) {
  const auto present = setting_of(s3, bucket, wanted.name);
  if (wanted.text.empty()) {
    if (!present) return false;
    s3.delete_setting(bucket, wanted.name);
    return true;
  }
  if (present && setting_agrees(std::string(present->as_string()), wanted.text)) return false;
  s3.put_setting(bucket, wanted.name, wanted.text);
  return true;
}

/// S3 takes one change of a bucket at a time, and says when it is still at the one before.
bool when_free(const std::function<bool()>& change) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    try {
      return change();
    } catch (const aws::ServiceError& error) {
      if (error.code() != "OperationAborted" || attempt == kAttempts) throw;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

void deploy_bucket(Deployment& deployment, const std::string& bucket) {
  aws::S3 s3 = deployment.session.s3();
  const bool is_new = !setting_of(s3, bucket, "location");
  if (is_new) s3.create_bucket(bucket);
  bool changed = false;
  for (const Setting& setting : settings(deployment.system(), bucket)) {
    changed |= when_free([&] {
      if (!is_new) return update_setting(s3, bucket, setting);
      if (!setting.text.empty()) s3.put_setting(bucket, setting.name, setting.text);
      return true;
    });
  }
  deployment.done("bucket " + bucket, is_new, changed);
}

}  // namespace

void deploy_buckets(Deployment& deployment) {
  const System& system = deployment.system();
  for (const std::string& bucket : {system.raw_bucket(), system.cleaned_bucket(),
                                    system.models_bucket(), system.queries_bucket()}) {
    deploy_bucket(deployment, bucket);
  }
}

}  // namespace cli
