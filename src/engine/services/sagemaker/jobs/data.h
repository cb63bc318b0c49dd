// Between S3 and a job's folder: inputs laid out before, outputs gathered after.
#pragma once

#include "engine/services/s3/s3.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// The client asked for data that isn't there or a place that can't be: FailureReason's
/// "ClientError: …".
struct ClientError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An object of a job's input, and its path below the folder it is laid out in.
struct InputObject {
  std::string bucket;
  s3::ObjectInfo object;
  std::string name;
  std::optional<std::string> text = {};  ///< no object, but this value of an augmented manifest
};

/// What `uri` names, in the order of keys. S3Prefix: every object that starts with it, at its path
/// relative to the prefix (an object that is the prefix itself: by its own name). ManifestFile: the
/// objects the manifest lists. Throws ClientError, also when there is none.
std::vector<InputObject> input_objects(const s3::S3& s3, std::string_view uri,
                                       std::string_view data_type);

/// The records of an augmented manifest, a line of which is a JSON object: for each line the
/// attributes of those names in that order. One whose name ends with "-ref" is the object that its
/// value names, another is its value. Throws ClientError.
std::vector<InputObject> augmented_records(const s3::S3& s3, std::string_view uri,
                                           const std::vector<std::string>& attributes);

/// Every `count`-th of them from the `index`-th: what one of several hosts gets of ShardedByS3Key.
/// Each `together` that follow one another stay together.
std::vector<InputObject> shard_of(const std::vector<InputObject>& objects, std::size_t index,
                                  std::size_t count, std::size_t together = 1);

/// Copies the objects into `folder`, which is made. Copies, never links: a job may write to its
/// inputs, the lake must not notice. Throws ClientError.
void lay_out_objects(const s3::S3& s3, const std::vector<InputObject>& objects,
                     const std::string& folder);

/// Copies one object to a file. `gunzip`: what is in it, ClientError when it isn't gzip.
void copy_object(const s3::S3& s3, const InputObject& object, const std::string& path,
                 bool gunzip = false);

/// input_objects() and lay_out_objects() in one. Throws ClientError.
void download(const s3::S3& s3, std::string_view uri, std::string_view data_type,
              const std::string& folder);

/// The regular files below `folder` as objects below `uri`, in order. The files are taken over by
/// the bodies: they go with them. Throws ClientError when `uri` isn't an S3 URI.
std::vector<s3::NewObject> files_as_objects(const std::string& folder, std::string_view uri);

/// One file as an object. The file goes with the body.
s3::NewObject file_as_object(const std::string& path, std::string_view uri);

/// "s3://bucket/a/" and "b" → "s3://bucket/a/b".
std::string join_uri(std::string_view uri, std::string_view name);

}  // namespace engine::sagemaker
