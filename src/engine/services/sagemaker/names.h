// ARNs and keys: the service writes names in ARNs in lower case and compares them so.
#pragma once

#include "engine/services/context.h"

#include <string>
#include <string_view>

namespace engine::sagemaker {

/// "arn:aws:sagemaker:…:<kind>/<name in lower case>"
std::string arn_of(const Context& context, std::string_view kind, std::string_view name);

/// The row a name or an ARN of that kind stands for: the name in lower case. An ARN of another kind
/// stays whole, and so finds nothing.
std::string key_of(std::string_view name_or_arn, std::string_view kind);

/// The name of something a pipeline's step makes: pipelines-<execution>-<step>-<10 characters>.
std::string name_for_step(base::Ids& ids, std::string_view execution_id, std::string_view step);

/// At most as much as a FailureReason or an ExitMessage holds, cut between characters.
std::string shortened(std::string text, std::size_t bytes = 1024);

}  // namespace engine::sagemaker
