// Data capture: what an endpoint was asked and answered, as files of JSON lines in S3.
#pragma once

#include "engine/services/sagemaker/state.h"
#include "lib/base/loop.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// One request that was answered.
struct Exchange {
  std::string variant;
  std::string input_type, input;
  std::string output_type, output;
  std::string inference_id;  ///< empty: none
};

/// An endpoint's capture by one configuration. Thread-safe.
///
/// Files are <DestinationS3Uri>/<endpoint>/<variant>/<yyyy>/<mm>/<dd>/<hh>/<mm-ss-ms>-<uuid>.jsonl,
/// one line an exchange, by the hour (UTC) in which it was answered. They are written every
/// Settings::capture_every and when the capture ends; until then lines are in memory, and lost with
/// the engine.
class Capture {
 public:
  Capture(SageMaker::Impl& state, std::string endpoint, api::DataCaptureConfig config);
  /// Writes what is left.
  ~Capture();

  /// Takes the exchange, or not, by the sampling percentage. Never throws; what exceeds the
  /// memory's bound, since the bucket takes nothing, is dropped and counted in the log.
  void take(Exchange exchange) noexcept;
  /// Writes the files of what was taken since the last time.
  void flush();

 private:
  struct Taken {
    Exchange exchange;
    Timestamp at;
  };
  std::string line(const Taken& taken) const;
  std::string encoding(const std::string& type) const;

  SageMaker::Impl& state_;
  const std::string endpoint_;
  const api::DataCaptureConfig config_;
  bool input_ = false, output_ = false;
  std::mutex mutex_;
  std::vector<Taken> taken_;
  std::size_t bytes_ = 0, dropped_ = 0;
  std::unique_ptr<base::Loop> loop_;
};

}  // namespace engine::sagemaker
