// The calls of S3 the application makes.
#include "lib/aws/client.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace aws {
namespace {

/// With AWS's own endpoint a bucket is a host; a name with dots doesn't fit its certificate.
bool is_path_style(const Config& config, std::string_view bucket) {
  return !config.endpoint.empty() || bucket.find('.') != std::string_view::npos;
}

std::string prefix_of(const Config& config, std::string_view bucket) {
  return is_path_style(config, bucket) ? "" : fmt::format("{}.", bucket);
}

}  // namespace

std::string S3::target(std::string_view bucket, std::string_view key) const {
  std::string path = is_path_style(client_.config(), bucket) ? fmt::format("/{}", bucket) : "";
  if (!key.empty() || path.empty()) path += "/" + base::percent_encode(key, true);
  return path;
}

void S3::put_object(std::string_view bucket, std::string_view key, http::Body body,
                    std::string_view content_type) {
  client_.rest("s3", "PUT", target(bucket, key), {{"Content-Type", std::string(content_type)}},
               std::move(body), prefix_of(client_.config(), bucket));
}

http::Response S3::get_object(std::string_view bucket, std::string_view key) {
  return client_.rest("s3", "GET", target(bucket, key), {}, {},
                      prefix_of(client_.config(), bucket));
}

std::vector<S3::Object> S3::list_objects(std::string_view bucket, std::string_view prefix) {
  std::vector<Object> objects;
  std::string token;
  do {
    std::string query = "?list-type=2&prefix=" + base::percent_encode(prefix);
    if (!token.empty()) query += "&continuation-token=" + base::percent_encode(token);
    const std::string text = client_
                                 .rest("s3", "GET", target(bucket, "") + query, {}, {},
                                       prefix_of(client_.config(), bucket))
                                 .body.string();
    pugi::xml_document document;
    const auto parsed = document.load_buffer(text.data(), text.size());
    if (!parsed) {
      throw std::runtime_error(
          fmt::format("S3's list of {} is not XML: {}", bucket, parsed.description()));
    }
    const pugi::xml_node result = document.document_element();
    for (const pugi::xml_node item : result.children("Contents")) {
      objects.push_back({item.child_value("Key"), item.child("Size").text().as_ullong(),
                         item.child_value("ETag")});
    }
    token = result.child_value("NextContinuationToken");
  } while (!token.empty());
  return objects;
}

bool S3::create_bucket(std::string_view bucket) {
  const Config& config = client_.config();
  std::string body;
  if (config.region != "us-east-1") {
    body = fmt::format(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
        config.region);
  }
  try {
    client_.rest("s3", "PUT", target(bucket, ""), {}, std::move(body), prefix_of(config, bucket));
    return true;
  } catch (const ServiceError& error) {
    if (error.code() == "BucketAlreadyOwnedByYou") return false;
    throw;
  }
}

void S3::delete_object(std::string_view bucket, std::string_view key) {
  client_.rest("s3", "DELETE", target(bucket, key), {}, {}, prefix_of(client_.config(), bucket));
}

void S3::delete_bucket(std::string_view bucket) {
  client_.rest("s3", "DELETE", target(bucket, ""), {}, {}, prefix_of(client_.config(), bucket));
}

}  // namespace aws
