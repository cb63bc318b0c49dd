// Between S3 and a job's folder.
#include "engine/services/sagemaker/jobs/data.h"

#include "engine/protocol/error.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>

#include <filesystem>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

s3::S3Uri parsed(std::string_view uri) {
  auto parts = s3::parse_s3_uri(uri);
  if (!parts) throw ClientError(fmt::format("\"{}\" is not an S3 URI", uri));
  return *parts;
}

/// An object's path below the folder its prefix is laid out in.
std::string relative_path(std::string_view key, std::string_view prefix) {
  const auto behind_last_slash = [](std::string_view text) { return text.rfind('/') + 1; };
  if (key == prefix || prefix.empty()) {
    return std::string(prefix.empty() ? key : key.substr(behind_last_slash(key)));
  }
  if (prefix.ends_with('/')) return std::string(key.substr(prefix.size()));
  if (key[prefix.size()] == '/') return std::string(key.substr(prefix.size() + 1));
  return std::string(key.substr(behind_last_slash(prefix)));
}

void copy_object(const s3::S3& s3, const s3::ObjectInfo& object, const fs::path& folder,
                 const std::string& name) {
  const fs::path relative = fs::path(name).lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
    throw ClientError(fmt::format("The key \"{}\" can't be a file of the job", object.key));
  }
  const fs::path path = folder / relative;
  fs::create_directories(path.parent_path());
  const io::File file = io::open_file(path.string(), O_WRONLY | O_CREAT | O_TRUNC);
  std::uint64_t at = 0;
  s3.body(object).for_each_piece([&](std::string_view piece) {
    io::write_at(file, piece, at);
    at += piece.size();
  });
}

void download_prefix(const s3::S3& s3, std::string_view uri, const std::string& folder) {
  const auto [bucket, prefix] = parsed(uri);
  bool found = false;
  for (const auto& object : s3.all_objects(bucket, prefix)) {
    if (object.key.ends_with('/')) continue;  // a folder as consoles make them
    copy_object(s3, object, folder, relative_path(object.key, prefix));
    found = true;
  }
  if (!found) {
    throw ClientError(
        fmt::format("No S3 objects found under S3 URL \"{}\" given in input data source", uri));
  }
}

/// [{"prefix": "s3://bucket/some/"}, "relative/key", …]
void download_manifest(const s3::S3& s3, std::string_view uri, const std::string& folder) {
  const auto [bucket, key] = parsed(uri);
  const json::value manifest = json::parse(s3.body(s3.object(bucket, key)).string());
  const auto base = parsed(manifest.at(0).at("prefix").as_string());
  for (std::size_t i = 1; i < manifest.as_array().size(); ++i) {
    const std::string name(manifest.at(i).as_string());
    copy_object(s3, s3.object(base.bucket, base.key + name), folder, name);
  }
}

}  // namespace

void download(const s3::S3& s3, std::string_view uri, std::string_view data_type,
              const std::string& folder) try {
  fs::create_directories(folder);
  if (data_type == "ManifestFile") {
    download_manifest(s3, uri, folder);
  } else {
    download_prefix(s3, uri, folder);
  }
} catch (const AwsError& error) {
  throw ClientError(
      fmt::format("Data download failed from \"{}\": {}: {}", uri, error.code, error.what()));
} catch (const boost::system::system_error& error) {
  throw ClientError(fmt::format("The manifest \"{}\" is not valid: {}", uri, error.what()));
}

s3::NewObject file_as_object(const std::string& path, std::string_view uri) {
  const auto [bucket, key] = parsed(uri);
  return {.bucket = bucket, .key = key, .body = http::Body::spooled(path, fs::file_size(path))};
}

std::vector<s3::NewObject> files_as_objects(const std::string& folder, std::string_view uri) {
  parsed(uri);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<s3::NewObject> objects;
  for (const fs::path& file : files) {
    const std::string name = file.lexically_relative(folder).string();
    objects.push_back(file_as_object(file.string(), join_uri(uri, name)));
  }
  return objects;
}

std::string join_uri(std::string_view uri, std::string_view name) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  return fmt::format("{}/{}", uri, name);
}

}  // namespace engine::sagemaker
