// Requests for jobs that tests start from: inputs from s3://lake/in, outputs to s3://lake.
#pragma once

#include "engine/models/sagemaker.h"

#include <map>
#include <string>
#include <vector>

namespace engine::sagemaker {

inline api::CreateProcessingJobRequest processing(const std::string& name,
                                                  const std::string& image) {
  api::CreateProcessingJobRequest request{.ProcessingJobName = name};
  request.ProcessingResources.ClusterConfig = {
      .InstanceCount = 1, .InstanceType = "ml.m5.large", .VolumeSizeInGB = 1};
  request.AppSpecification = {.ImageUri = image,
                              .ContainerEntrypoint = std::vector<std::string>{"/program", "go"}};
  request.RoleArn = "arn:aws:iam::123456789012:role/r";
  request.ProcessingInputs = std::vector<api::ProcessingInput>{
      {.InputName = "in",
       .S3Input = api::ProcessingS3Input{.S3Uri = "s3://lake/in/",
                                         .LocalPath = "/opt/ml/processing/in",
                                         .S3DataType = "S3Prefix"}}};
  request.ProcessingOutputConfig = api::ProcessingOutputConfig{
      .Outputs = {{.OutputName = "out",
                   .S3Output = api::ProcessingS3Output{.S3Uri = "s3://lake/out/",
                                                       .LocalPath = "/opt/ml/processing/out",
                                                       .S3UploadMode = "EndOfJob"}}}};
  return request;
}

inline api::CreateTrainingJobRequest training(const std::string& name, const std::string& image) {
  api::CreateTrainingJobRequest request{.TrainingJobName = name};
  request.AlgorithmSpecification =
      api::AlgorithmSpecification{.TrainingImage = image, .TrainingInputMode = "File"};
  request.HyperParameters = std::map<std::string, std::string>{{"depth", "4"}};
  request.RoleArn = "arn:aws:iam::123456789012:role/r";
  request.InputDataConfig = std::vector<api::Channel>{
      {.ChannelName = "train",
       .DataSource = {.S3DataSource =
                          api::S3DataSource{.S3DataType = "S3Prefix", .S3Uri = "s3://lake/in"}},
       .ContentType = "text/csv"}};
  request.OutputDataConfig.S3OutputPath = "s3://lake/models/";
  request.ResourceConfig = api::ResourceConfig{.InstanceType = "ml.m5.large", .InstanceCount = 1};
  request.StoppingCondition = api::StoppingCondition{.MaxRuntimeInSeconds = 60};
  return request;
}

}  // namespace engine::sagemaker
