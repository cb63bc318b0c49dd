// The deployed system: a spec, in an account and a region.
#pragma once

#include "cli/spec.h"
#include "pipelines/definition/definition.h"
#include "pipelines/definition/watching.h"

#include <string>
#include <string_view>

namespace cli {

/// Names as AWS knows them. A value: nothing is looked up.
struct System {
  Spec spec;
  std::string account, region;
  /// What stands for the URI of SageMaker's own XGBoost image where the spec says "auto": empty,
  /// the region's. A definition that is made before its region is known (a template) gives a text
  /// to be replaced, "${xgboost_image}" say; then the region is not looked at.
  std::string xgboost_image = {};

  std::string arn(std::string_view service, std::string_view resource) const;
  std::string bucket(std::string_view name) const;  ///< with the account behind it
  std::string bucket_arn(std::string_view name) const;
  std::string stream_arn() const;
  std::string function_arn(std::string_view name) const;
  std::string role_arn(std::string_view name) const;
  std::string rule_arn() const;
  std::string image_uri() const;
  /// Of SageMaker's own XGBoost image. Throws UsageError when it isn't known of this region.
  std::string xgboost_image_uri() const;

  std::string raw_bucket() const { return bucket(spec.buckets.raw); }
  std::string cleaned_bucket() const { return bucket(spec.buckets.cleaned); }
  std::string models_bucket() const { return bucket(spec.buckets.models); }
  std::string queries_bucket() const { return bucket(spec.buckets.queries); }

  /// "s3://<cleaned bucket>/beers/": where the table's rows are.
  std::string table_location() const;
  pipelines::PipelineSettings pipeline_settings() const;
  pipelines::WatchingSettings watching_settings() const;
  /// Where the watching pipeline's metrics go in CloudWatch. The roles of SageMaker's containers
  /// may write below /aws/sagemaker/ alone.
  std::string watching_namespace() const;
};

/// The folders before the first expression of a delivery's prefix: "beers/" of
/// "beers/day=!{timestamp:yyyy-MM-dd}/".
std::string fixed_prefix(std::string_view prefix);

}  // namespace cli
