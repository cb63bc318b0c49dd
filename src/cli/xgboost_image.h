// Where SageMaker's own XGBoost image lies.
#pragma once

#include <string>
#include <string_view>

namespace cli {

/// The repository's name, the same in every region.
inline constexpr const char* kXgboostRepository = "sagemaker-xgboost";
/// The tags of the images that `beer-pipeline xgboost` stands for.
inline constexpr const char* kXgboostTags[] = {"1.7-1", "3.0-5"};

/// "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1": AWS keeps the image in
/// an account of each region. Throws UsageError for a region it isn't known of, naming the setting
/// training.xgboost_image that takes the URI itself.
std::string xgboost_image_uri(std::string_view region);

}  // namespace cli
