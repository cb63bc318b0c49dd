// Credentials of a container's role, as ECS and SageMaker hand them out.
#pragma once

#include "lib/aws/sigv4.h"

#include <optional>
#include <string>

namespace aws {

/// Where the container's environment says that its credentials are:
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI at 169.254.170.2, else
/// AWS_CONTAINER_CREDENTIALS_FULL_URI, which is taken of http only on this machine; "" when it says
/// nothing. Verified: AWS SDKs and Tools Reference Guide, "Container credential provider".
std::string container_credentials_url();

/// Asks there. Throws std::runtime_error with a sentence when no credentials are answered.
Credentials fetch_container_credentials(const std::string& url);

}  // namespace aws
