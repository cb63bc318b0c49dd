// The SageMaker pipeline as text: what `beer deploy` creates on either side and Terraform reads.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pipelines {

/// What may differ between two deployments. Those marked * are only defaults: they become
/// parameters of the pipeline, and an execution may be started with others.
struct PipelineSettings {
  std::string project = "mlops-beer";
  std::string cleaned_data_uri = "s3://mlops-beer-cleaned/beers/";  ///< * what Firehose delivers
  std::string output_uri = "s3://mlops-beer-models";                ///< no '/' at its end
  std::string image_uri =
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest";  ///< *
  /// * SageMaker's own XGBoost image 1.7-1, which then trains in the place of image_uri; empty:
  /// ours. It is told the hyperparameters it knows, and the rows of both sides of the split: those
  /// held out as its channel `validation`, only to be reported on. Nothing else changes: ours
  /// preprocesses, evaluates and serves.
  std::string xgboost_image_uri = {};
  std::string role_arn = "arn:aws:iam::123456789012:role/beer-pipeline";  ///< *
  std::string model_package_group = "beer-ibu";
  std::string instance_type = "ml.m5.large";  ///< *
  int training_instances = 1;  ///< each trains on its part of the rows; ours trains on one
  std::string approval_status = "PendingManualApproval";  ///< * or Approved, Rejected
  double mae_threshold = 15;                              ///< * MetricThreshold, in IBU
  double champion_tolerance = 1;                          ///< * in IBU of the MAE
  double test_fraction = 0.2;                             ///< *
  int seed = 7;                                           ///< * of the split and the model
  std::string commit_id;                                  ///< of the code; may be empty

  /// Passed to training as they stand, by SageMaker's names (train/hyperparameters.h). Each becomes
  /// a parameter too: "max_depth" is MaxDepth. Without seed, which has its own member.
  std::vector<std::pair<std::string, std::string>> hyperparameters = {
      {"feature_set", "recipe"}, {"num_round", "200"}, {"eta", "0.08"},
      {"max_depth", "4"},        {"bags", "3"},        {"folds", "5"}};

  bool cache = false;  ///< let a step be skipped when an execution of the last 30 days did the same
};

/// The definition as one JSON document: Preprocess → Train → Evaluate → CheckGate, which goes on
/// when Evaluate says so (evaluate/gate.h) and else fails with its sentence. Then Refit trains once
/// more, on the held-out beers too, and that model is registered with its twin's evaluation and the
/// place of the judged twin itself; of SageMaker's image the judged model itself is.
///
/// The gate's own parameters: MetricPath and MetricThreshold, ChampionTolerance, and who the
/// champion is: ChampionVersion, ChampionModel (s3:// of its judged twin's model.tar.gz) and
/// ChampionRows (s3:// of what that was trained on), as a package's CustomerMetadataProperties
/// judged_model and judged_rows tell them. Until a model is approved they are "none" and the folder
/// no_champion, which Preprocess fills, since a job's input can't be left empty on AWS.
///
/// What an execution writes lies below <output_uri>/<execution
/// id>/. Pure: the same settings give the same text. Throws std::invalid_argument when ours is to
/// train on several instances, when `seed` stands among the hyperparameters, or when SageMaker's
/// image is asked for another feature_set than recipe: it learns from every column.
std::string pipeline_definition(const PipelineSettings& settings);

}  // namespace pipelines
