// The endpoint's answers: from an HTTP request to a prediction, by SageMaker's serving contract.
#pragma once

#include "lib/http/message.h"
#include "pipelines/model/model.h"

#include <memory>
#include <utility>

namespace pipelines {

/// GET /ping answers 200 with nothing, GET /execution-parameters what a batch transform asks for.
/// POST /invocations takes
///   text/csv           rows of the whole feature list, in order, no label, no header
///   application/json   a raw Punk API beer, an array of them, or {"instances":[beers…]}
/// and answers, by Accept,
///   application/json   {"predictions":[{"ibu":x,"interval":[low,high],"flags":[…]},…]}
///                      (for JSON by default; flags name what was found of a beer, see
///                      beer/reading.h, and are left out where rows of features came)
///   text/csv           one number a line                                     (for CSV by default)
/// A model that SageMaker's own container trained has no intervals: "interval" is null, and a
/// "note" beside the predictions says why. With the header X-Amzn-SageMaker-Enable-Explanations
/// every JSON prediction also has "expected" and "contributions", which sum to the prediction
/// before it is held within 0..100.
///
/// As SageMaker's XGBoost container: an empty body is answered 204, another content type 415, an
/// Accept that can't be met 406, a body that can't be read 400. Other paths are 404, other methods
/// 405. Thread-safe.
class Handler {
 public:
  explicit Handler(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
  http::Response operator()(const http::Request& request) const;

 private:
  http::Response invoke(const http::Request& request) const;
  std::shared_ptr<const Model> model_;
};

}  // namespace pipelines
