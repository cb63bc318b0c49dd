// The evaluation metrics that SageMaker's XGBoost image adds to XGBoost's own.
#pragma once

#include <span>
#include <string_view>

namespace pipelines::xgboost {

/// One of accuracy, balanced_accuracy, f1 (which is f1_macro), f1_binary, f1_macro, mse, precision,
/// precision_macro, precision_micro, r2, recall, recall_macro and recall_micro.
///
/// `predictions` holds one value a row or one a row and class. What class a value stands for
/// follows from `objective`. A share of nothing counts as 0. Throws UserError for a metric of two
/// classes when there are others than 0 and 1.
double added_metric(std::string_view name, std::span<const float> labels,
                    std::span<const float> predictions, std::string_view objective);

/// Whether more of it is better: what early stopping has to know of any metric.
bool more_is_better(std::string_view metric);

}  // namespace pipelines::xgboost
