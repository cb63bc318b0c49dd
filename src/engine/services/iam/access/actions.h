// What a call asks for, in the words of policies: actions and the resources they are on.
// Source: "Actions, resources, and condition keys" of each service in AWS's Service Authorization Reference.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/iam/access/condition.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// One thing that must be allowed. A call may need several.
struct Need {
  std::string action;    ///< "kinesis:PutRecords"
  std::string resource;  ///< an ARN, or "*" where the action knows none
  Facts facts = {};      ///< that are known of this one only
};

/// Where we are: what ARNs are made of.
struct Place {
  std::string account, region;
};

/// What only a service knows: the stream behind an iterator, the workgroup of a query. "" when it doesn't.
/// Given: the member's name ("ShardIterator", "QueryExecutionId"), and its value.
using Lookup = std::function<std::string(std::string_view member, const std::string& value)>;

/// The needs of an operation of the service with that name in signatures ("monitoring"), by its input.
std::vector<Need> needs_of(std::string_view service, const OperationModel& model, const void* input,
                           const Place& place, const Lookup& lookup);

/// The roles that a call hands to a service, by ARN.
struct HandedRoles {
  std::string service;  ///< "firehose.amazonaws.com"
  std::vector<std::string> roles = {};
};
HandedRoles handed_roles(std::string_view service, const OperationModel& model, const void* input, const Place& place);

}  // namespace engine::iam
