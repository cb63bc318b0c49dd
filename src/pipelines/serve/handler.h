// The endpoint's answers: from an HTTP request to a prediction, by SageMaker's serving contract.
#pragma once

#include "lib/http/message.h"
#include "pipelines/model/model.h"

#include <memory>
#include <utility>

namespace pipelines {

/// GET /ping answers 200 with nothing, GET /execution-parameters what a batch transform asks for.
/// POST /invocations takes text/csv, application/json and application/jsonlines in the shapes of
/// asked.h, and answers in one of the same three, by Accept or as the body came, in the forms of
/// predictions_text.h. With the header X-Amzn-SageMaker-Enable-Explanations a prediction in JSON
/// also has "expected" and "contributions", which sum to the prediction before it is held within
/// 0..100.
///
/// As SageMaker's XGBoost container: an empty body is answered 204, another content type 415, an
/// Accept that can't be met 406, a body that can't be read 400. Other paths are 404, other methods
/// 405. Thread-safe.
class Handler {
 public:
  explicit Handler(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
  http::Response operator()(const http::Request& request) const;

  /// Whether a request is answered in less than a millisecond: what isn't large and asks for no
  /// explanations.
  static bool is_quick(const http::Request& request);

 private:
  http::Response invoke(const http::Request& request) const;
  std::shared_ptr<const Model> model_;
};

}  // namespace pipelines
