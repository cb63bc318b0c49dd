// When a step that failed is tried again.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "lib/base/clock.h"

#include <map>
#include <optional>
#include <string>

namespace engine::sagemaker::pipelines {

/// The retries of one step since `began`. Not thread-safe.
class Retries {
 public:
  Retries(const Step& step, base::Timestamp began) : step_(step), began_(began) {}

  /// How long to wait before the next try of a step that failed with this exception; nothing when
  /// no policy names it, or its policy is used up.
  std::optional<base::Milliseconds> next(const std::string& exception, base::Timestamp now);

 private:
  const Step& step_;
  const base::Timestamp began_;
  std::map<const RetryPolicy*, std::int64_t> used_;
};

}  // namespace engine::sagemaker::pipelines
