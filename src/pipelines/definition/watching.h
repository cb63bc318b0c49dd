// The SageMaker pipeline that watches the approved model, as text.
#pragma once

#include <string>

namespace pipelines {

/// As PipelineSettings has it: those marked * are only defaults of parameters.
struct WatchingSettings {
  std::string project = "mlops-beer";
  std::string cleaned_data_uri = "s3://mlops-beer-cleaned/beers/";  ///< *
  std::string output_uri = "s3://mlops-beer-models";                ///< no '/' at its end
  std::string image_uri =
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest";  ///< *
  std::string role_arn = "arn:aws:iam::123456789012:role/beer-pipeline";    ///< *
  std::string instance_type = "ml.m5.large";                                ///< *
  std::string metric_namespace = "/aws/sagemaker/mlops-beer", metric_group = "beer-ibu";
  int window = 200, minimum = 50;  ///< * both
  double psi = 0.25;               ///< *
};

/// One step, Watch: a processing job of our image's command `watch` (watch/watch.h). Which model is
/// watched, the parameters ModelVersion, ModelUri, BaselineUri, RowsUri and EvaluationUri tell,
/// which a target of the rule that starts it holds. What it finds lies below
/// <output_uri>/watching/<execution id>/drift/. Pure: the same settings give the same text.
std::string watching_definition(const WatchingSettings& settings);

}  // namespace pipelines
