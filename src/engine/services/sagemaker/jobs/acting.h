// SageMaker in the role of a job or a model: what the role must be allowed for what the service does with it.
#pragma once

#include "engine/services/sagemaker/jobs/data.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// SageMaker in that role.
Actor acting_as(std::string role);

// Each throws ClientError, with AWS's sentence, for what the role may not do.

/// To see what lies at an input's place: before it is listed.
void require_listing(const Context& context, const std::string& role, std::string_view uri);
/// To read the objects that were found there.
void require_objects(const Context& context, const std::string& role, const std::vector<InputObject>& objects);
/// To write what the program has left. Gives the outputs back.
std::vector<s3::NewObject> allowed_outputs(const Context& context, const std::string& role,
                                           std::vector<s3::NewObject> outputs);
/// To pull an image of a registry.
void require_image(const Context& context, const std::string& role, std::string_view image);

/// input_objects() and lay_out_objects() as the role may.
void download_as(const Context& context, const std::string& role, const s3::S3& s3, std::string_view uri,
                 const std::string& folder);

/// Whether what a program of the role writes goes to CloudWatch Logs.
bool may_log(const Context& context, const std::string& role, std::string_view group, std::string_view stream);
/// Whether its metrics go to CloudWatch.
bool may_measure(const Context& context, const std::string& role, std::string_view metrics_namespace);

}  // namespace engine::sagemaker
