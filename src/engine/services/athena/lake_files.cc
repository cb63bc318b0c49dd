// Objects under a table's locations.
#include "engine/services/athena/lake_files.h"

#include "engine/protocol/error.h"
#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <re2/re2.h>

#include <optional>

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
          .partition = std::move(partition),
          .size = object.size};
}

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

// Partition projection without computing the ranges: what stands there and matches the template.
// Deviation: the ranges and formats of projection.<key>.* are not enforced.
class Projection {
 public:
  Projection(const glue::api::Table& table, const std::vector<std::string>& keys) : keys_(keys) {
    location_ = table.StorageDescriptor->Location.value_or("");
    const std::string pattern = parameter(table, "storage.location.template");
    if (pattern.empty()) return;
    std::string expression;
    std::size_t at = 0;
    for (std::size_t start; (start = pattern.find("${", at)) != std::string::npos;) {
      const std::size_t end = pattern.find('}', start);
      if (end == std::string::npos) break;
      if (order_.empty()) location_ = pattern.substr(0, pattern.rfind('/', start) + 1);
      expression += re2::RE2::QuoteMeta(pattern.substr(at, start - at)) + "([^/]+)";
      if (base::to_lower(pattern.substr(start + 2, end - start - 2)) != "") {
        order_.push_back(base::to_lower(pattern.substr(start + 2, end - start - 2)));
      }
      at = end + 1;
    }
    expression += re2::RE2::QuoteMeta(pattern.substr(at));
    if (expression.back() != '/') expression += "/";
    expression_ = std::make_unique<re2::RE2>("^" + expression + ".*");
  }

  const std::string& location() const { return location_; }

  std::vector<std::string> values(const std::string& uri, std::string_view below) const {
    if (!expression_) return hive_values(below, keys_);
    std::vector<std::string> found(order_.size());
    std::vector<re2::RE2::Arg> arguments;
    arguments.reserve(found.size());
    for (std::string& value : found) arguments.emplace_back(&value);
    std::vector<const re2::RE2::Arg*> pointers;
    pointers.reserve(arguments.size());
    for (const re2::RE2::Arg& argument : arguments) pointers.push_back(&argument);
    if (!re2::RE2::FullMatchN(uri, *expression_, pointers.data(),
                              static_cast<int>(pointers.size()))) {
      return {};
    }
    std::vector<std::string> values;
    for (const std::string& key : keys_) {
      const auto place = std::find(order_.begin(), order_.end(), key);
      if (place == order_.end()) return {};
      values.push_back(found[static_cast<std::size_t>(place - order_.begin())]);
    }
    return values;
  }

 private:
  const std::vector<std::string>& keys_;
  std::string location_;
  std::vector<std::string> order_;  // names in the template
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace

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

std::vector<LakeFile> lake_files(const glue::Glue& glue, const s3::S3& s3,
                                 const glue::api::Table& table) {
  std::vector<LakeFile> files;
  if (!table.StorageDescriptor || !table.StorageDescriptor->Location) return files;
  const auto keys = key_names(table);
  if (keys.empty()) {
    each_object(s3, *table.StorageDescriptor->Location,
                [&](const auto& object, const auto& folder, std::string_view) {
                  files.push_back(file_of(s3, folder, object, {}));
                });
  } else if (base::iequals(parameter(table, "projection.enabled"), "true")) {
    const Projection projection(table, keys);
    each_object(s3, projection.location(),
                [&](const auto& object, const auto& folder, std::string_view below) {
                  const auto uri = fmt::format("s3://{}/{}", folder.bucket, object.key);
                  auto values = projection.values(uri, below);
                  if (!values.empty())
                    files.push_back(file_of(s3, folder, object, std::move(values)));
                });
  } else {
    for (const auto& partition : glue.partitions(table.DatabaseName.value(), table.Name)) {
      if (!partition.StorageDescriptor || !partition.StorageDescriptor->Location) continue;
      each_object(s3, *partition.StorageDescriptor->Location,
                  [&](const auto& object, const auto& folder, std::string_view) {
                    files.push_back(file_of(s3, folder, object, *partition.Values));
                  });
    }
  }
  return files;
}

}  // namespace engine::athena
