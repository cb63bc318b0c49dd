// A policy document, read.
#include "engine/services/iam/access/policy.h"

#include "engine/protocol/error.h"
#include "engine/services/iam/access/condition.h"
#include "engine/services/iam/errors.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <set>

namespace engine::iam {
namespace {

namespace json = boost::json;

AwsError malformed(const std::string& why) { return {"MalformedPolicyDocument", why}; }
AwsError syntax() { return malformed("Syntax errors in policy."); }

/// A text, or a list of texts.
std::vector<std::string> texts(const json::value& value) {
  std::vector<std::string> found;
  if (value.is_string()) return {std::string(value.get_string())};
  if (!value.is_array()) throw syntax();
  for (const auto& one : value.get_array()) {
    if (!one.is_string()) throw syntax();
    found.emplace_back(one.get_string());
  }
  return found;
}

/// Values of conditions may be numbers and truths, too.
std::string plain(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool() || value.is_number()) return json::serialize(value);
  throw syntax();
}

std::vector<std::string> plain_values(const json::value& value) {
  if (!value.is_array()) return {plain(value)};
  std::vector<std::string> found;
  for (const auto& one : value.get_array()) found.push_back(plain(one));
  return found;
}

Principals principals_of(const json::value& value) {
  Principals all;
  if (value.is_string()) {
    if (value.get_string() != "*") throw malformed("Invalid principal in policy.");
    all.everyone = true;
    return all;
  }
  if (!value.is_object()) throw syntax();
  for (const auto& [kind, named] : value.get_object()) {
    for (auto& one : texts(named)) {
      if (kind == "AWS") {
        if (one == "*") all.everyone = true;
        else all.aws.push_back(std::move(one));
      } else if (kind == "Service") {
        all.services.push_back(std::move(one));
      } else if (kind == "Federated" || kind == "CanonicalUser") {
        all.others.push_back(std::move(one));
      } else {
        throw malformed("Invalid principal in policy.");
      }
    }
  }
  return all;
}

std::vector<Condition> conditions_of(const json::value& value) {
  if (!value.is_object()) throw syntax();
  std::vector<Condition> all;
  for (const auto& [name, keys] : value.get_object()) {
    if (!keys.is_object()) throw syntax();
    for (const auto& [key, values] : keys.get_object()) {
      Condition condition;
      std::string_view rest = name;
      if (rest.starts_with("ForAllValues:")) condition.many = Condition::Many::kForAll;
      if (rest.starts_with("ForAnyValue:")) condition.many = Condition::Many::kForAny;
      if (condition.many != Condition::Many::kNo) rest.remove_prefix(rest.find(':') + 1);
      if (rest.ends_with("IfExists")) {
        condition.if_exists = true;
        rest.remove_suffix(std::string_view("IfExists").size());
      }
      condition.name = rest;
      condition.key = base::to_lower(std::string_view(key));
      condition.values = plain_values(values);
      if (!is_operator(condition.name)) throw malformed(fmt::format("Invalid Condition type : {}.", rest));
      all.push_back(std::move(condition));
    }
  }
  return all;
}

void check_action(const std::string& action) {
  if (action == "*") return;
  const auto colon = action.find(':');
  if (colon == std::string::npos || colon == 0) {
    throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  if (action.substr(0, colon).find_first_of("*?") != std::string::npos) {
    throw malformed(fmt::format("Vendor {} is not valid", action.substr(0, colon)));
  }
}

void check_resource(const std::string& resource) {
  if (resource == "*" || resource.starts_with("arn:")) return;
  throw malformed(fmt::format("Resource {} must be in ARN format or \"*\".", resource));
}

Statement statement_of(const json::value& value, PolicyKind kind) {
  if (!value.is_object()) throw syntax();
  Statement statement;
  bool has_effect = false, has_action = false, has_resource = false;
  for (const auto& [name, member] : value.get_object()) {
    if (name == "Sid") {
      if (!member.is_string()) throw syntax();
      statement.sid = member.get_string();
    } else if (name == "Effect") {
      if (member != "Allow" && member != "Deny") throw malformed("Invalid effect: " + json::serialize(member));
      statement.allow = member == "Allow";
      has_effect = true;
    } else if (name == "Action" || name == "NotAction") {
      if (std::exchange(has_action, true)) throw syntax();
      statement.not_actions = name == "NotAction";
      statement.actions = texts(member);
    } else if (name == "Resource" || name == "NotResource") {
      if (std::exchange(has_resource, true)) throw syntax();
      statement.not_resources = name == "NotResource";
      statement.resources = texts(member);
    } else if (name == "Principal" || name == "NotPrincipal") {
      if (statement.principals) throw syntax();
      statement.not_principals = name == "NotPrincipal";
      statement.principals = principals_of(member);
    } else if (name == "Condition") {
      statement.conditions = conditions_of(member);
    } else {
      throw syntax();
    }
  }
  if (!has_effect) throw malformed("Missing required field Effect");
  if (!has_action) throw malformed("Missing required field Action");
  for (const auto& action : statement.actions) check_action(action);
  for (const auto& resource : statement.resources) check_resource(resource);
  if (kind == PolicyKind::kIdentity && statement.principals) {
    throw malformed("Policy document should not specify a principal.");
  }
  if (kind != PolicyKind::kIdentity && !statement.principals) throw malformed("Missing required field Principal");
  if (kind == PolicyKind::kTrust && has_resource) throw malformed("Has prohibited field Resource");
  if (kind != PolicyKind::kTrust && !has_resource) throw malformed("Policy statement must contain resources.");
  return statement;
}

}  // namespace

Policy parse_policy(std::string_view document, PolicyKind kind) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(document, failed);
  if (failed || !parsed.is_object()) throw malformed_policy();
  const json::object& object = parsed.get_object();
  Policy policy;
  if (const auto* version = object.if_contains("Version")) {
    if (*version != "2012-10-17" && *version != "2008-10-17") throw syntax();
    policy.variables = *version == "2012-10-17";
  }
  for (const auto& [name, value] : object) {
    if (name != "Version" && name != "Id" && name != "Statement") throw syntax();
  }
  const auto* statements = object.if_contains("Statement");
  if (statements == nullptr) throw syntax();
  if (statements->is_array()) {
    if (statements->get_array().empty()) throw syntax();
    for (const auto& one : statements->get_array()) policy.statements.push_back(statement_of(one, kind));
  } else {
    policy.statements.push_back(statement_of(*statements, kind));
  }
  std::set<std::string_view> sids;
  for (const Statement& statement : policy.statements) {
    if (!statement.sid.empty() && !sids.insert(statement.sid).second) {
      throw malformed("Statement IDs (SID) in a single policy must be unique.");
    }
  }
  return policy;
}

}  // namespace engine::iam
