// What a step's result depends on, and what has changed since another time.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/state.h"

#include <boost/json/array.hpp>

#include <map>
#include <mutex>
#include <string>

namespace engine::sagemaker::pipelines {

/// Digests of the programs behind images, each read once as long as its file stays the same.
/// Thread-safe.
class ProgramDigests {
 public:
  /// 16 hexadecimal digits of the file's SHA-256; "" when it can't be read.
  std::string of(const std::string& path);

 private:
  struct Known {
    std::string stamp;  ///< size, inode and time of change
    std::string digest;
  };
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

/// What has to be the same for the step's result to be the same. `arguments` are resolved.
///
///   {"AppSpecification": {…}, "HyperParameters": {…}, …}   as AWS compares, by the step's type
///   "Inputs":  {"train": {"Objects": 2, "Bytes": 345, "Digest": "a1b2…"}}   the objects' own bytes
///   "Program": {"<image>": "c3d4…"}   the program that stands for the image, and its first words
///
/// Objects are known by their ETags, so nothing is read. Inputs that aren't there are absent.
json::object facts_of(const SageMaker::Impl& state, ProgramDigests& programs, const Step& step,
                      const json::object& arguments);

/// Whether two values are equal whatever the order of their members: SHA-256 of their one form, in
/// hexadecimal.
std::string digest_of(const json::value& value);

/// The objects below an S3 prefix as one fact: {"Objects": n, "Bytes": n, "Digest": "…"}; null when
/// they can't be listed.
json::value objects_fact(const SageMaker::Impl& state, const std::string& uri,
                         const std::string& data_type);

/// What differs, as [{"What": "HyperParameters.eta", "Before": "0.1", "After": "0.2"}], in order of
/// the names. What was not there, or is gone, has no Before, or no After.
json::array changes_between(const json::value& before, const json::value& after);

}  // namespace engine::sagemaker::pipelines
