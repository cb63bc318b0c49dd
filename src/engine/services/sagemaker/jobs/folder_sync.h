// A folder that goes to S3 while a program writes to it: checkpoints, outputs of mode Continuous.
#pragma once

#include "engine/services/s3/s3.h"
#include "lib/base/loop.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace engine::sagemaker {

/// Looks at the folder every so often, and uploads the regular files that have changed and then
/// stayed the same between two looks. What is deleted in the folder stays in S3.
class FolderSync {
 public:
  FolderSync(s3::S3& s3, std::string folder, std::string uri, std::chrono::milliseconds every);
  ~FolderSync();

  /// Ends the looks, and uploads what is left. Throws ClientError when S3 refuses.
  void finish();

 private:
  struct State {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type time;
    bool operator==(const State&) const = default;
  };
  void look(bool last);
  void upload(const std::filesystem::path& file);

  s3::S3& s3_;
  const std::string folder_, uri_;
  std::map<std::string, State> seen_, uploaded_;
  std::unique_ptr<base::Loop> loop_;
};

}  // namespace engine::sagemaker
