// The calls of S3 the application makes.
#include "lib/aws/client.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <sstream>

namespace aws {
namespace {

/// With AWS's own endpoint a bucket is a host; a name with dots doesn't fit its certificate.
bool is_path_style(const Config& config, std::string_view bucket) {
  return !config.endpoint.empty() || bucket.find('.') != std::string_view::npos;
}

std::string prefix_of(const Config& config, std::string_view bucket) {
  return is_path_style(config, bucket) ? "" : fmt::format("{}.", bucket);
}

void load_list(pugi::xml_document& document, std::string_view bucket, const std::string& text) {
  const auto parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) {
    throw std::runtime_error(
        fmt::format("S3's list of {} is not XML: {}", bucket, parsed.description()));
  }
}

/// S3 takes some requests only with a checksum of their body.
http::Headers checksum(std::string_view body) {
  return {{"Content-MD5", base::to_base64(base::md5(body))}};
}

/// The body that asks for the deletion of the versions from `begin` to `end`.
std::string deletion(const std::vector<S3::Version>& versions, std::size_t begin, std::size_t end) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("Delete");
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  for (std::size_t i = begin; i < end; ++i) {
    pugi::xml_node object = root.append_child("Object");
    object.append_child("Key").text() = versions[i].key.c_str();
    object.append_child("VersionId").text() = versions[i].id.c_str();
  }
  root.append_child("Quiet").text() = true;
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace

http::Response S3::call(std::string_view method, std::string_view bucket, std::string_view query,
                        http::Headers headers, http::Body body) {
  return client_.rest("s3", method, target(bucket, "") + std::string(query), std::move(headers),
                      std::move(body), prefix_of(client_.config(), bucket));
}

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
    pugi::xml_document document;
    load_list(document, bucket, call("GET", bucket, query).body.string());
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

void S3::delete_bucket(std::string_view bucket) { call("DELETE", bucket, ""); }

std::string S3::get_setting(std::string_view bucket, std::string_view setting) {
  return call("GET", bucket, fmt::format("?{}", setting)).body.string();
}

void S3::put_setting(std::string_view bucket, std::string_view setting, std::string text) {
  http::Headers headers = checksum(text);
  headers.add("Content-Type", text.starts_with('{') ? "application/json" : "application/xml");
  call("PUT", bucket, fmt::format("?{}", setting), std::move(headers), std::move(text));
}

void S3::delete_setting(std::string_view bucket, std::string_view setting) {
  call("DELETE", bucket, fmt::format("?{}", setting));
}

std::vector<S3::Version> S3::list_versions(std::string_view bucket) {
  std::vector<Version> versions;
  std::string from;
  do {
    pugi::xml_document document;
    load_list(document, bucket, call("GET", bucket, "?versions" + from).body.string());
    const pugi::xml_node result = document.document_element();
    for (const pugi::xml_node item : result.children()) {
      const std::string_view kind = item.name();
      if (kind != "Version" && kind != "DeleteMarker") continue;
      versions.push_back({item.child_value("Key"), item.child_value("VersionId")});
    }
    from.clear();
    if (result.child("IsTruncated").text().as_bool()) {
      from = fmt::format("&key-marker={}&version-id-marker={}",
                         base::percent_encode(result.child_value("NextKeyMarker")),
                         base::percent_encode(result.child_value("NextVersionIdMarker")));
    }
  } while (!from.empty());
  return versions;
}

void S3::delete_versions(std::string_view bucket, const std::vector<Version>& versions) {
  constexpr std::size_t kMost = 1000;
  for (std::size_t begin = 0; begin < versions.size(); begin += kMost) {
    std::string body = deletion(versions, begin, std::min(begin + kMost, versions.size()));
    http::Headers headers = checksum(body);
    headers.add("Content-Type", "application/xml");
    pugi::xml_document answer;
    load_list(answer, bucket,
              call("POST", bucket, "?delete", std::move(headers), std::move(body)).body.string());
    if (const pugi::xml_node error = answer.document_element().child("Error")) {
      throw ServiceError(
          error.child_value("Code"),
          fmt::format("{}: {}", error.child_value("Key"), error.child_value("Message")), 409);
    }
  }
}

}  // namespace aws
