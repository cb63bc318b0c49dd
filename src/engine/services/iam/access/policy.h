// A policy document, read: its statements, each with whom, what, on what, and under which conditions.
// Grammar: "Grammar of the IAM JSON policy language" in AWS's IAM User Guide.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// What a policy is attached to decides which elements it must have, and which it mustn't.
enum class PolicyKind {
  kIdentity,  ///< a user's or role's: no Principal, a Resource
  kResource,  ///< a bucket's, a function's: a Principal and a Resource
  kTrust      ///< a role's: a Principal, no Resource
};

/// Whom a statement names.
struct Principals {
  bool everyone = false;             ///< "*"
  std::vector<std::string> aws;      ///< ARNs, account numbers
  std::vector<std::string> services; ///< "lambda.amazonaws.com"
  std::vector<std::string> others;   ///< federated and canonical users
};

/// One line of a Condition: all its values are alternatives.
struct Condition {
  enum class Many { kNo, kForAll, kForAny };  ///< how a key of several values is judged

  std::string name;  ///< of the operator, without prefix and suffix: "StringLike"
  Many many = Many::kNo;
  bool if_exists = false;  ///< holds when the request has no such key
  std::string key;         ///< in small letters: "aws:sourcearn"
  std::vector<std::string> values;
};

struct Statement {
  std::string sid;  ///< "" when it has none
  bool allow = false;
  bool not_actions = false, not_resources = false, not_principals = false;  ///< the list is of exceptions
  std::vector<std::string> actions;
  std::vector<std::string> resources;  ///< none in a trust policy
  std::optional<Principals> principals;
  std::vector<Condition> conditions;
};

struct Policy {
  bool variables = false;  ///< version 2012-10-17: "${aws:username}" stands for a value
  std::vector<Statement> statements;
};

/// Throws MalformedPolicyDocument, with AWS's sentence where it is known, for what isn't one of this kind.
Policy parse_policy(std::string_view document, PolicyKind kind);

}  // namespace engine::iam
