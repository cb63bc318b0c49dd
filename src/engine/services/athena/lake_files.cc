// Objects under a table's locations.
#include "engine/services/athena/lake_files.h"

#include "engine/protocol/error.h"
#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace engine::athena {
namespace {

// Hive skips what begins with '_' or '.', a file or a folder below the location.
bool is_hidden(std::string_view below) {
  for (std::size_t at = 0; at < below.size();) {
    if (below[at] == '_' || below[at] == '.') return true;
    const std::size_t slash = below.find('/', at);
    if (slash == std::string_view::npos) break;
    at = slash + 1;
  }
  return false;
}

std::string compression_of(std::string_view key) {
  if (key.ends_with(".gz")) return "gzip";
  if (key.ends_with(".zst")) return "zstd";
  return "none";
}

std::optional<s3::S3Uri> folder_of(std::string_view location) {
  auto uri = s3::parse_s3_uri(location);
  if (uri && !uri->key.empty() && uri->key.back() != '/') uri->key += '/';
  return uri;
}

// Every visible object under a location; nothing when the bucket is not there.
template <class F>
void each_object(const s3::S3& s3, std::string_view location, F&& use) {
  const auto folder = folder_of(location);
  if (!folder || !s3.has_bucket(folder->bucket)) return;
  for (const s3::ObjectInfo& object : s3.all_objects(folder->bucket, folder->key)) {
    const std::string_view below = std::string_view(object.key).substr(folder->key.size());
    if (below.empty() || below.back() == '/' || object.size == 0 || is_hidden(below)) continue;
    use(object, *folder, below);
  }
}

LakeFile file_of(const s3::S3& s3, const s3::S3Uri& folder, const s3::ObjectInfo& object,
                 std::vector<std::string> partition) {
  return {.path = s3.path(object),
          .uri = fmt::format("s3://{}/{}", folder.bucket, object.key),
          .compression = compression_of(object.key),
          .etag = object.etag,
          .partition = std::move(partition),
          .size = object.size,
          .modified = object.last_modified};
}

// Past this, one walk over all below the folder they share is cheaper than a look into each.
constexpr std::size_t kFewPartitions = 200;

std::string folder(std::string text) {
  if (!text.empty() && text.back() != '/') text += '/';
  return text;
}

}  // namespace

std::vector<std::string> key_names(const glue::api::Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.PartitionKeys.value_or(std::vector<glue::api::Column>{})) {
    names.push_back(base::to_lower(column.Name));
  }
  return names;
}

std::string parameter(const glue::api::Table& table, const std::string& name) {
  if (!table.Parameters) return "";
  const auto found = table.Parameters->find(name);
  return found == table.Parameters->end() ? "" : found->second;
}

bool is_projected(const glue::api::Table& table) {
  return base::iequals(parameter(table, "projection.enabled"), "true");
}

std::string hive_path(const std::vector<std::string>& keys,
                      const std::vector<std::string>& values) {
  constexpr std::string_view kEscaped = "\"#%'*/:=?\\{[]^\x7f";
  std::string path;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    path += keys[i] + '=';
    for (const char c : values.at(i)) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || kEscaped.find(c) != std::string_view::npos) {
        path += fmt::format("%{:02X}", byte);
      } else {
        path += c;
      }
    }
    path += '/';
  }
  return path;
}

std::string partition_name(const glue::api::Table& table, const std::vector<std::string>& values) {
  std::string name = hive_path(key_names(table), values);
  if (!name.empty()) name.pop_back();
  return name;
}

std::string partition_location(const glue::api::Table& table,
                               const std::vector<std::string>& values) {
  const auto keys = key_names(table);
  const std::string pattern =
      is_projected(table) ? parameter(table, "storage.location.template") : "";
  if (pattern.empty()) {
    return folder(table.StorageDescriptor->Location.value_or("")) + hive_path(keys, values);
  }
  std::string location;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t end = pattern.compare(at, 2, "${") == 0 ? pattern.find('}', at) : at;
    if (end == at || end == std::string::npos) {
      location += pattern[at++];
      continue;
    }
    const std::string key = base::to_lower(pattern.substr(at + 2, end - at - 2));
    const auto place = std::find(keys.begin(), keys.end(), key);
    if (place == keys.end()) {
      throw QueryError(fmt::format(
          "INVALID_TABLE_PROPERTY: storage.location.template of table {} names {}, which is no "
          "partition key",
          table.Name, key));
    }
    location += values.at(static_cast<std::size_t>(place - keys.begin()));
    at = end + 1;
  }
  return folder(std::move(location));
}

std::vector<std::string> hive_values(std::string_view folders,
                                     const std::vector<std::string>& keys) {
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    const std::size_t slash = folders.find('/');
    const std::size_t equals = folders.find('=');
    if (slash == std::string_view::npos || equals >= slash) return {};
    if (!base::iequals(folders.substr(0, equals), key)) return {};
    values.push_back(base::percent_decode(folders.substr(equals + 1, slash - equals - 1)));
    folders.remove_prefix(slash + 1);
  }
  return values;
}

namespace {

// The folder that all locations are in; nothing when they share no bucket.
std::optional<std::string> shared_folder(const std::vector<LakePartition>& partitions) {
  std::string shared = folder(partitions.front().location);
  for (const LakePartition& partition : partitions) {
    const std::string location = folder(partition.location);
    const auto [end, unused] =
        std::mismatch(shared.begin(), shared.end(), location.begin(), location.end());
    shared.erase(end, shared.end());
  }
  shared.erase(shared.rfind('/') + 1);
  const auto uri = s3::parse_s3_uri(shared);
  if (!uri || uri->bucket.empty()) return std::nullopt;
  return shared;
}

// Looks each object's folders up among the locations, the longest first.
void add_all_files(const s3::S3& s3, const std::string& shared,
                   const std::vector<LakePartition>& partitions, std::vector<LakeFile>& files) {
  std::unordered_map<std::string, std::vector<const LakePartition*>> places;
  for (const LakePartition& partition : partitions) {
    places[folder(partition.location)].push_back(&partition);
  }
  each_object(s3, shared, [&](const auto& object, const auto& root, std::string_view) {
    const std::string uri = fmt::format("s3://{}/{}", root.bucket, object.key);
    for (std::size_t slash = uri.rfind('/'); slash + 1 >= shared.size() && slash > 0;
         slash = uri.rfind('/', slash - 1)) {
      const auto found = places.find(uri.substr(0, slash + 1));
      if (found == places.end()) continue;
      // A partition may stand in another one's folder; then the object is in both.
      for (const LakePartition* partition : found->second)
        files.push_back(file_of(s3, root, object, partition->values));
    }
  });
}

}  // namespace

std::vector<LakeFile> lake_files(const s3::S3& s3, const glue::api::Table& table,
                                 const LakePartitions& partitions) {
  std::vector<LakeFile> files;
  if (!table.StorageDescriptor || !table.StorageDescriptor->Location) return files;
  const auto add = [&](const std::string& location, const std::vector<std::string>& values) {
    each_object(s3, location, [&](const auto& object, const auto& folder, std::string_view) {
      files.push_back(file_of(s3, folder, object, values));
    });
  };
  if (key_names(table).empty()) {
    add(*table.StorageDescriptor->Location, {});
    return files;
  }
  const auto& list = partitions.list;
  const auto shared = list.size() > 1 && (partitions.most || list.size() > kFewPartitions)
                          ? shared_folder(list)
                          : std::nullopt;
  // Where few partitions stand apart, all that is between them would be walked over.
  const bool apart = list.size() <= kFewPartitions && shared &&
                     !shared->starts_with(folder(*table.StorageDescriptor->Location));
  if (shared && !apart) {
    add_all_files(s3, *shared, list, files);
  } else {
    for (const LakePartition& partition : list) add(partition.location, partition.values);
  }
  return files;
}

}  // namespace engine::athena
