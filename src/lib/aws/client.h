// A small AWS client: signs, sends, retries and reads errors, over any endpoint.
#pragma once

#include "lib/aws/sigv4.h"
#include "lib/http/client.h"

#include <boost/json/value.hpp>

#include <functional>
#include <stdexcept>
#include <string>

namespace aws {

/// Where and as whom. `endpoint` empty: AWS's own, "https://<service>.<region>.amazonaws.com".
struct Config {
  std::string endpoint;
  std::string region = "us-east-1";
  Credentials credentials;

  /// From AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID,
  /// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; without those keys, the container's own
  /// (container_credentials.h). Throws std::runtime_error naming the missing
  /// variable.
  static Config from_environment();
};

/// An error AWS answered with: its code, sentence and HTTP status.
class ServiceError : public std::runtime_error {
 public:
  ServiceError(std::string code, std::string message, int status);
  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  int status() const { return status_; }

 private:
  std::string code_, message_;
  int status_;
};

/// Calls AWS's services. Thread-safe. Throttling, 5xx and lost connections are tried again up to
/// `attempts` times with a back-off that doubles and jitters; other errors throw ServiceError at
/// once.
class Client {
 public:
  explicit Client(Config config, http::ClientOptions http = {}, int attempts = 4);

  const Config& config() const { return config_; }

  /// awsJson: `service` is the signing name and AWS host prefix, `target`
  /// "Kinesis_20131202.PutRecords".
  boost::json::value json(std::string_view service, std::string_view target,
                          const boost::json::value& input);

  /// The query protocol (iam, sts, monitoring): answers the XML text.
  std::string query(std::string_view service, std::string_view action, std::string_view version,
                    const std::vector<std::pair<std::string, std::string>>& parameters);

  /// Anything else (restJson, S3): method, encoded path and query, headers, body. Throws
  /// ServiceError for a status of 300 and more.
  http::Response rest(std::string_view service, std::string_view method, std::string_view target,
                      http::Headers headers = {}, http::Body body = {},
                      std::string_view host_prefix = {});

 private:
  http::Response exchange(std::string_view service, std::string_view host_prefix,
                          http::Request request);

  Config config_;
  http::Client http_;
  int attempts_;
};

/// The calls of S3 the application makes, in S3's words. Path style is used with a custom endpoint.
class S3 {
 public:
  explicit S3(Client& client) : client_(client) {}

  struct Object {
    std::string key;
    std::uint64_t size = 0;
    std::string etag;
  };

  void put_object(std::string_view bucket, std::string_view key, http::Body body,
                  std::string_view content_type = "application/octet-stream");
  http::Response get_object(std::string_view bucket, std::string_view key);
  /// All objects under the prefix, following continuation tokens.
  std::vector<Object> list_objects(std::string_view bucket, std::string_view prefix);
  /// False when the caller owns the bucket already.
  bool create_bucket(std::string_view bucket);
  void delete_object(std::string_view bucket, std::string_view key);
  void delete_bucket(std::string_view bucket);

  /// A bucket's setting by the name S3 asks for it: "lifecycle", "tagging", "policy", … In XML, or
  /// JSON of "policy". One that was never put throws ServiceError with status 404, or is empty, as
  /// S3 has it for that setting.
  std::string get_setting(std::string_view bucket, std::string_view setting);
  void put_setting(std::string_view bucket, std::string_view setting, std::string text);
  void delete_setting(std::string_view bucket, std::string_view setting);

  /// One version of an object, or the mark that it was deleted.
  struct Version {
    std::string key, id;
  };
  /// All of the bucket's; of a bucket that keeps no versions, its objects.
  std::vector<Version> list_versions(std::string_view bucket);
  /// Removes them for good, a thousand with a request. Throws ServiceError with the first that S3
  /// refuses.
  void delete_versions(std::string_view bucket, const std::vector<Version>& versions);

 private:
  http::Response call(std::string_view method, std::string_view bucket, std::string_view query,
                      http::Headers headers = {}, http::Body body = {});
  std::string target(std::string_view bucket, std::string_view key) const;
  Client& client_;
};

}  // namespace aws
