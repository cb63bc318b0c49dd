// Models as pipelines and endpoints use them.
#pragma once

#include "engine/services/sagemaker/jobs/program.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {

/// Stores a model; its ARN. Throws AwsError.
std::string make_model(SageMaker::Impl& state, const api::CreateModelInput& request);

/// What it takes to serve a model: the container, and the files it wants at /opt/ml/model.
struct ServedModel {
  Container container;
  std::string archive;  ///< s3:// of a model.tar.gz; empty: none
  std::string folder;   ///< s3:// prefix of files that aren't packed; empty: none
};

/// Throws ClientError when the model, or the package it names, isn't there.
ServedModel served_model(const SageMaker::Impl& state, const std::string& model_name);

}  // namespace engine::sagemaker
