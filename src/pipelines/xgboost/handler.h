// The answers of SageMaker's XGBoost image: rows in, predictions out.
#pragma once

#include "lib/http/message.h"
#include "pipelines/model/booster.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace pipelines::xgboost {

/// Reads the booster of a model folder: `xgboost-model`, else the first file at the top. Throws
/// std::runtime_error.
Booster load_booster(const std::filesystem::path& folder);

/// GET /ping answers 200, GET /execution-parameters what a batch transform asks for. POST
/// /invocations takes text/csv (no label, no header; what stands in the body when nothing says) and
/// text/libsvm (with or without a label), and answers, by Accept,
///   text/csv                one prediction a line
///   application/json        {"predictions":[{"score":x},…]}
///   application/jsonlines   {"score":x} a line
/// where the score of a model of several values a row is their list. An empty body is answered 204,
/// another content type 415, an Accept that can't be met 406, what can't be read or has more
/// columns than the model 400. Thread-safe.
class Handler {
 public:
  /// `accept` is what an answer is given in when the request names none: the variable
  /// SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT.
  explicit Handler(Booster booster, const std::string& accept = "text/csv");
  http::Response operator()(const http::Request& request) const;

 private:
  http::Response invoke(const http::Request& request) const;

  std::shared_ptr<const Booster> booster_;
  std::shared_ptr<std::mutex> predicting_ = std::make_shared<std::mutex>();
  std::size_t columns_;
  std::string accept_;
};

}  // namespace pipelines::xgboost
