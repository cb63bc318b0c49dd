// A channel of input mode Pipe: named pipes that a program reads its data from, one for each epoch.
#pragma once

#include "engine/services/sagemaker/jobs/data.h"

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace engine::sagemaker {

/// Fills "<path>_0", and when that has been read "<path>_1", and so on, until this object goes. The
/// first pipe is there when the constructor returns.
class PipeFeeder {
 public:
  struct Settings {
    bool gunzip = false;
    bool record_io = false;                     ///< each object framed as one RecordIO record
    std::optional<std::uint64_t> shuffle = {};  ///< a seed: the objects in another order each epoch
    std::size_t together = 1;  ///< so many objects that follow one another keep their order
  };

  /// Throws std::system_error when the pipe can't be made.
  PipeFeeder(const s3::S3& s3, std::vector<InputObject> objects, std::string path,
             Settings settings);

 private:
  void run(std::stop_token stop);
  void feed(int epoch, int pipe, std::stop_token stop);
  http::Body body_of(const InputObject& object) const;

  const s3::S3& s3_;
  const std::vector<InputObject> objects_;
  const std::string path_;
  const Settings settings_;
  std::jthread thread_;
};

}  // namespace engine::sagemaker
