// An answer that refuses: the one exception that ends a request with AWS's words.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace engine {

/// What an AWS service answers instead of a result. Services name each of theirs once, in errors.h:
///
///   inline AwsError no_such_stream(std::string_view name) {
///     return {"ResourceNotFoundException", fmt::format("Stream {} … not found.", name)};
///   }
///   throw no_such_stream(name);
struct AwsError : std::runtime_error {
  AwsError(std::string code, const std::string& message, int status = 400,
           std::vector<std::pair<std::string, std::string>> extra = {})
      : std::runtime_error(message), code(std::move(code)), status(status), extra(std::move(extra)) {}

  std::string code;  ///< "ResourceNotFoundException"
  int status;        ///< HTTP
  std::vector<std::pair<std::string, std::string>> extra;  ///< further members: S3's Key, BucketName
};

}  // namespace engine
