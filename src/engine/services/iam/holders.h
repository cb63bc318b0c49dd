// The policies of a role or a user: those written into it, and those attached to it.
#pragma once

#include "engine/services/iam/iam.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

// Of a holder that is there; the caller has looked. What changes something is called with iam.lock() held.

/// Throws MalformedPolicyDocument.
void put_inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy,
                 std::string_view document);
std::string inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy);  ///< or NoSuchEntity
std::vector<std::string> inlined_names(Iam& iam, const Holders& holders, std::string_view name);
void delete_inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy);

void attach(Iam& iam, const Holders& holders, std::string_view name, const std::string& arn);
void detach(Iam& iam, const Holders& holders, std::string_view name, std::string_view arn);
std::vector<api::AttachedPolicy> attached_policies(Iam& iam, const Holders& holders, std::string_view name,
                                                   const std::optional<std::string>& path_prefix);

/// Throws DeleteConflict while it has policies of either kind.
void check_holds_nothing(Iam& iam, const Holders& holders, std::string_view name);

}  // namespace engine::iam
