// The spec's tags on the system's resources, in the words each service has for tags.
#pragma once

#include "cli/deploy/steps.h"

#include <string>
#include <string_view>

namespace cli {

/// Adds the tags to what creates a resource: [{"Key": …, "Value": …}, …] as `member`. No tags, no
/// member: some services refuse an empty one.
void add_tag_list(json::object& input, const Spec& spec, std::string_view member = "Tags");
/// The same, as {"project": …}.
void add_tag_map(json::object& input, const Spec& spec, std::string_view member = "Tags");
/// The same for the query protocol: Tags.member.1.Key and so on.
void add_tags(Parameters& parameters, const Spec& spec);

/// Makes the tags of a resource that is there the spec's, and those alone (AWS's own, "aws:…",
/// stay). `service` is its signing name; `resource` its ARN, but the name of a role and of a
/// delivery. True when something changed. Buckets don't come here: S3 has tags as a setting.
bool update_tags(Deployment& deployment, std::string_view service, const std::string& resource);

}  // namespace cli
