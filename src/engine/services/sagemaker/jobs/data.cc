// Between S3 and a job's folder.
#include "engine/services/sagemaker/jobs/data.h"

#include "engine/protocol/error.h"
#include "engine/services/sagemaker/jobs/archive.h"
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

/// Where a name lands: nothing of an input may stand outside its folder.
std::string place_of(const std::string& folder, const InputObject& input) {
  const fs::path relative = fs::path(input.name).lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
    throw ClientError(fmt::format("The key \"{}\" can't be a file of the job", input.object.key));
  }
  return (fs::path(folder) / relative).string();
}

std::vector<InputObject> below_prefix(const s3::S3& s3, std::string_view uri) {
  const auto [bucket, prefix] = parsed(uri);
  std::vector<InputObject> found;
  for (auto& object : s3.all_objects(bucket, prefix)) {
    if (object.key.ends_with('/')) continue;  // a folder as consoles make them
    std::string name = relative_path(object.key, prefix);
    found.push_back({bucket, std::move(object), std::move(name)});
  }
  return found;
}

/// [{"prefix": "s3://bucket/some/"}, "relative/key", …]
std::vector<InputObject> of_manifest(const s3::S3& s3, std::string_view uri) {
  const auto [bucket, key] = parsed(uri);
  const json::value manifest = json::parse(s3.body(s3.object(bucket, key)).string());
  const auto base = parsed(manifest.at(0).at("prefix").as_string());
  std::vector<InputObject> found;
  for (std::size_t i = 1; i < manifest.as_array().size(); ++i) {
    const std::string name(manifest.at(i).as_string());
    found.push_back({base.bucket, s3.object(base.bucket, base.key + name), name});
  }
  return found;
}

/// Runs `work`, and says of which input it is when S3 or the manifest refuses.
template <class F>
auto with_reason(std::string_view uri, F&& work) try {
  return work();
} catch (const AwsError& error) {
  throw ClientError(
      fmt::format("Data download failed from \"{}\": {}: {}", uri, error.code, error.what()));
} catch (const boost::system::system_error& error) {
  throw ClientError(fmt::format("The manifest \"{}\" is not valid: {}", uri, error.what()));
}

}  // namespace

std::vector<InputObject> input_objects(const s3::S3& s3, std::string_view uri,
                                       std::string_view data_type) {
  auto found = with_reason(uri, [&] {
    return data_type == "ManifestFile" ? of_manifest(s3, uri) : below_prefix(s3, uri);
  });
  if (found.empty()) {
    throw ClientError(
        fmt::format("No S3 objects found under S3 URL \"{}\" given in input data source", uri));
  }
  return found;
}

std::vector<InputObject> augmented_records(const s3::S3& s3, std::string_view uri,
                                           const std::vector<std::string>& attributes) {
  return with_reason(uri, [&] {
    const auto [bucket, key] = parsed(uri);
    const std::string text = s3.body(s3.object(bucket, key)).string();
    std::vector<InputObject> records;
    for (std::size_t begin = 0, number = 1; begin < text.size(); ++number) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const json::string_view line(text.data() + begin, end - begin);
      begin = end + 1;
      if (line.find_first_not_of(" \t\r") == json::string_view::npos) continue;
      const json::value parsed_line = json::parse(line);
      for (const std::string& name : attributes) {
        const auto* value =
            parsed_line.is_object() ? parsed_line.as_object().if_contains(name) : nullptr;
        if (!value) {
          throw ClientError(fmt::format("The manifest \"{}\" has no attribute {} in line {}", uri,
                                        name, number));
        }
        const std::string content = value->is_string() ? std::string(value->as_string())
                                                       : json::serialize(*value);
        if (!name.ends_with("-ref")) {
          records.push_back({.name = name, .text = content});
          continue;
        }
        const auto place = parsed(content);
        records.push_back({place.bucket, s3.object(place.bucket, place.key), name});
      }
    }
    if (records.empty()) throw ClientError(fmt::format("The manifest \"{}\" is empty", uri));
    return records;
  });
}

std::vector<InputObject> shard_of(const std::vector<InputObject>& objects, std::size_t index,
                                  std::size_t count, std::size_t together) {
  std::vector<InputObject> part;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (i / together % count == index) part.push_back(objects[i]);
  }
  return part;
}

void copy_object(const s3::S3& s3, const InputObject& input, const std::string& path, bool gunzip) {
  fs::create_directories(fs::path(path).parent_path());
  const std::string uri = fmt::format("s3://{}/{}", input.bucket, input.object.key);
  with_reason(uri, [&] {
    const std::string direct = gunzip ? path + ".gz~" : path;
    {
      const io::File file = io::open_file(direct, O_WRONLY | O_CREAT | O_TRUNC);
      std::uint64_t at = 0;
      s3.body(input.object).for_each_piece([&](std::string_view piece) {
        io::write_at(file, piece, at);
        at += piece.size();
      });
    }
    if (!gunzip) return;
    try {
      gunzip_file(direct, path);
    } catch (const std::runtime_error& error) {
      throw ClientError(fmt::format("\"{}\" is not gzip: {}", uri, error.what()));
    }
    fs::remove(direct);
  });
}

void lay_out_objects(const s3::S3& s3, const std::vector<InputObject>& objects,
                     const std::string& folder) {
  fs::create_directories(folder);
  for (const InputObject& object : objects) copy_object(s3, object, place_of(folder, object));
}

void download(const s3::S3& s3, std::string_view uri, std::string_view data_type,
              const std::string& folder) {
  fs::create_directories(folder);
  lay_out_objects(s3, input_objects(s3, uri, data_type), folder);
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
