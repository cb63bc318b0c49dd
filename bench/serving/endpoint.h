// A model behind an endpoint of an engine.
#pragma once

#include "lib/aws/client.h"

#include <filesystem>
#include <string>

namespace bench {

/// Uploads the folder's files, makes model, configuration and endpoint of that name, and waits
/// until it serves. Throws std::runtime_error with the reason when it fails.
void make_endpoint(const aws::Config& config, const std::string& name,
                   const std::filesystem::path& model);

}  // namespace bench
