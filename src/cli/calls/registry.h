// The models' registry: versions and their approval.
#pragma once

#include "cli/session.h"

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// A registered model.
struct ModelPackage {
  int version = 0;
  std::string arn;
  std::string approval;   ///< Approved, Rejected, PendingManualApproval
  std::string execution;  ///< the ARN of the pipeline execution that made it
  double created = 0;     ///< epoch seconds
  std::string model_url;  ///< s3:// of its model.tar.gz; only describe_package() knows it
};

/// Of the spec's group, the newest first; none when there is no group yet.
std::vector<ModelPackage> list_packages(Session& session);
/// With its execution.
ModelPackage describe_package(Session& session, const std::string& arn);

/// The package of that version; without one, the newest that `wanted` (an approval status, or ""
/// for any) has. Throws std::runtime_error that says what there is instead.
ModelPackage choose_package(Session& session, std::optional<int> version,
                            const std::string& wanted);

void set_approval(Session& session, const std::string& arn, const std::string& status);

}  // namespace cli
