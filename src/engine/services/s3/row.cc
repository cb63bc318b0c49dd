// The catalog's rows of S3 as JSON text.
//
// An object's: {"size":…,"etag":…,"modified":<milliseconds since 1970>,"type":<content type>,
// "location":…} and, where they are not empty, "headers", "metadata", "checksums" (objects),
// "composite":true, "tags":[[key, value]…], "parts":[{"number","size","checksums"}…], "upload":<id>.
#include "engine/services/s3/row.h"

#include <boost/json.hpp>

namespace engine::s3 {
namespace {

namespace json = boost::json;

json::object from_map(const std::map<std::string, std::string>& map) {
  json::object object;
  for (const auto& [key, value] : map) object.emplace(key, value);
  return object;
}

void put_map(json::object& row, std::string_view name, const std::map<std::string, std::string>& map) {
  if (!map.empty()) row.emplace(name, from_map(map));
}

std::string take_text(const json::object& row, std::string_view name) {
  const auto* value = row.if_contains(name);
  return value ? std::string(value->as_string()) : std::string();
}

std::map<std::string, std::string> take_map(const json::object& row, std::string_view name) {
  std::map<std::string, std::string> map;
  if (const auto* value = row.if_contains(name)) {
    for (const auto& [key, text] : value->as_object()) {
      map.emplace(std::string(key), std::string(text.as_string()));
    }
  }
  return map;
}

std::int64_t milliseconds(Timestamp time) { return time.time_since_epoch().count(); }

Timestamp take_time(const json::object& row) {
  return Timestamp{base::Milliseconds{row.at("modified").to_number<std::int64_t>()}};
}

json::object from_part(const PartInfo& part) {
  json::object row{{"number", part.number}, {"size", part.size}};
  put_map(row, "checksums", part.checksums);
  return row;
}

PartInfo take_part(const json::object& row) {
  return {row.at("number").to_number<std::int64_t>(), row.at("size").to_number<std::uint64_t>(),
          take_map(row, "checksums")};
}

json::object from_object(const ObjectInfo& object) {
  json::object row{{"size", object.size},
                   {"etag", object.etag},
                   {"modified", milliseconds(object.last_modified)},
                   {"type", object.content_type},
                   {"location", object.location}};
  put_map(row, "headers", object.headers);
  put_map(row, "metadata", object.metadata);
  put_map(row, "checksums", object.checksums);
  if (object.composite_checksum) row.emplace("composite", true);
  if (!object.tags.empty()) {
    auto& tags = row.emplace("tags", json::array()).first->value().as_array();
    for (const auto& [key, value] : object.tags) tags.push_back(json::array{key, value});
  }
  if (!object.parts.empty()) {
    auto& parts = row.emplace("parts", json::array()).first->value().as_array();
    for (const auto& part : object.parts) parts.push_back(from_part(part));
  }
  if (!object.upload.empty()) row.emplace("upload", object.upload);
  return row;
}

ObjectInfo take_object(std::string_view key, const json::object& row) {
  ObjectInfo object;
  object.key = key;
  object.size = row.at("size").to_number<std::uint64_t>();
  object.etag = take_text(row, "etag");
  object.last_modified = take_time(row);
  object.content_type = take_text(row, "type");
  object.location = take_text(row, "location");
  object.headers = take_map(row, "headers");
  object.metadata = take_map(row, "metadata");
  object.checksums = take_map(row, "checksums");
  object.composite_checksum = row.contains("composite");
  if (const auto* tags = row.if_contains("tags")) {
    for (const auto& tag : tags->as_array()) {
      object.tags.emplace_back(tag.as_array().at(0).as_string(), tag.as_array().at(1).as_string());
    }
  }
  if (const auto* parts = row.if_contains("parts")) {
    for (const auto& part : parts->as_array()) object.parts.push_back(take_part(part.as_object()));
  }
  object.upload = take_text(row, "upload");
  return object;
}

json::object parse(std::string_view row) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;  // headers are bytes
  return json::parse(row, {}, options).as_object();
}

}  // namespace

std::string to_row(const ObjectInfo& object) { return json::serialize(from_object(object)); }

ObjectInfo object_of_row(std::string_view key, std::string_view row) {
  return take_object(key, parse(row));
}

std::string to_row(const UploadedPart& part) {
  auto row = from_part(part.info);
  row.emplace("etag", part.etag);
  row.emplace("modified", milliseconds(part.last_modified));
  row.emplace("location", part.location);
  return json::serialize(row);
}

UploadedPart part_of_row(std::string_view text) {
  const auto row = parse(text);
  return {take_part(row), take_text(row, "etag"), take_time(row), take_text(row, "location")};
}

std::string to_row(const Upload& upload) {
  auto row = from_object(upload.draft);
  row.emplace("algorithm", upload.checksum_algorithm);
  row.emplace("full_object", upload.full_object);
  return json::serialize(row);
}

Upload upload_of_row(std::string_view key, std::string_view text) {
  const auto row = parse(text);
  return {take_object(key, row), take_text(row, "algorithm"), row.at("full_object").as_bool()};
}

}  // namespace engine::s3
