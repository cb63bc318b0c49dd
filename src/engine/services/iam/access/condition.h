// Conditions of a statement, held against what is known of a request.
// Source: "IAM JSON policy elements: Condition operators" and "Set operators" in AWS's IAM User Guide.
#pragma once

#include "engine/services/iam/access/policy.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// What is known of a request: keys in small letters, each with its values.
using Facts = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Whether there is such an operator ("StringLike", "Bool", "Null", …).
bool is_operator(std::string_view name);

/// `variables`: "${aws:username}" in a value stands for what the request has under that key; a value
/// with one that the request doesn't have fits nothing.
bool holds(const Condition& condition, const Facts& facts, bool variables);

/// The text with its variables replaced, "${key, 'default'}" and "${*}" among them; nothing when one
/// has no value. What is put in for a variable is text, even where it holds a star.
std::optional<std::string> expand(std::string_view text, const Facts& facts);

}  // namespace engine::iam
