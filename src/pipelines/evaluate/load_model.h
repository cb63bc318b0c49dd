// A model out of a folder that a processing job was given.
#pragma once

#include "pipelines/model/model.h"

#include <filesystem>
#include <optional>
#include <string>

namespace pipelines {

/// Of model.tar.gz, as SageMaker hands a job an artifact, or of the open folder, as a test or a
/// person may. Throws std::runtime_error with a sentence.
Model load_model(const std::filesystem::path& folder);

/// Whether load_model() would find a file to read.
bool has_model(const std::filesystem::path& folder);

/// SHA-256 of model.tar.gz as hexadecimal; nothing when the folder is open.
std::optional<std::string> digest_of_archive(const std::filesystem::path& folder);

}  // namespace pipelines
