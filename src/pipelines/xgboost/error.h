// What a user of SageMaker's XGBoost image did wrong.
#pragma once

#include <stdexcept>

namespace pipelines::xgboost {

/// The input is at fault: a hyperparameter, a channel, a file. The failure file calls it
/// "UserError: …", as the image does.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace pipelines::xgboost
