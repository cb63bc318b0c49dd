// The policies that AWS manages.
#pragma once

#include "engine/models/iam.h"

#include <optional>
#include <string_view>
#include <vector>

namespace engine::iam {

/// "arn:aws:iam::aws:policy/service-role/X" as a policy. Any such ARN is one: there are over a
/// thousand, and more each month.
///
/// Deviation: an ARN that AWS does not have is accepted, too.
std::optional<api::Policy> managed_policy(std::string_view arn);

/// The document of those policies that are short and much used; nothing for the others.
std::optional<std::string_view> managed_document(std::string_view arn);

/// ARNs of the policies of which we have the document.
std::vector<std::string_view> known_managed_policies();

}  // namespace engine::iam
