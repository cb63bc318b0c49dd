// What IAM refuses, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::iam {

inline AwsError no_such_role(std::string_view name) {
  return {"NoSuchEntity", fmt::format("The role with name {} cannot be found.", name), 404};
}
inline AwsError no_such_user(std::string_view name) {
  return {"NoSuchEntity", fmt::format("The user with name {} cannot be found.", name), 404};
}
inline AwsError no_such_policy(std::string_view arn) {
  return {"NoSuchEntity", fmt::format("Policy {} was not found.", arn), 404};
}
inline AwsError policy_not_attachable(std::string_view arn) {
  return {"NoSuchEntity", fmt::format("Policy {} does not exist or is not attachable.", arn), 404};
}
inline AwsError no_such_version(std::string_view arn, std::string_view version) {
  return {"NoSuchEntity", fmt::format("Policy {} version {} does not exist or is not attachable.", arn,
                                      version), 404};
}
inline AwsError not_attached(std::string_view arn) {
  return {"NoSuchEntity", fmt::format("Policy {} was not found.", arn), 404};
}
inline AwsError no_such_key(std::string_view id) {
  return {"NoSuchEntity", fmt::format("The Access Key with id {} cannot be found.", id), 404};
}
inline AwsError user_exists(std::string_view name) {
  return {"EntityAlreadyExists", fmt::format("User with name {} already exists.", name), 409};
}
inline AwsError role_exists(std::string_view name) {
  return {"EntityAlreadyExists", fmt::format("Role with name {} already exists.", name), 409};
}
inline AwsError policy_exists(std::string_view name) {
  return {"EntityAlreadyExists",
          fmt::format("A policy called {} already exists. Duplicate names are not allowed.", name), 409};
}
inline AwsError delete_conflict(const std::string& why) { return {"DeleteConflict", why, 409}; }
inline AwsError too_many(const std::string& why) { return {"LimitExceeded", why, 409}; }
inline AwsError malformed_policy() {
  return {"MalformedPolicyDocument", "This policy contains invalid Json"};
}
inline AwsError invalid_input(const std::string& why) { return {"InvalidInput", why}; }
inline AwsError invalid_marker() { return {"ValidationError", "Invalid Marker."}; }

}  // namespace engine::iam
