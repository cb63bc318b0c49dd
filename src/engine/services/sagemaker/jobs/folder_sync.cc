// A folder that goes to S3 while a program writes to it.
#include "engine/services/sagemaker/jobs/folder_sync.h"

#include "engine/protocol/error.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "lib/base/log.h"

namespace engine::sagemaker {

namespace fs = std::filesystem;

FolderSync::FolderSync(s3::S3& s3, std::string folder, std::string uri,
                       std::chrono::milliseconds every)
    : s3_(s3), folder_(std::move(folder)), uri_(std::move(uri)) {
  // What was laid out before the program began needs no upload.
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder_, ignored)) {
    if (!entry.is_regular_file()) continue;
    uploaded_[entry.path().string()] = {entry.file_size(), entry.last_write_time()};
  }
  loop_ = std::make_unique<base::Loop>(
      "job folder", base::system_clock(), [this, every](std::stop_token) {
        try {
          look(false);
        } catch (const std::exception& error) {
          base::log_warning("sagemaker", "{} is not in S3 yet: {}", folder_, error.what());
        }
        return base::Milliseconds(every);
      });
}

FolderSync::~FolderSync() {
  if (loop_) loop_->stop();
}

void FolderSync::look(bool last) {
  std::map<std::string, State> now;
  std::error_code gone;  // files come and go while we look
  for (auto at = fs::recursive_directory_iterator(folder_, gone); at != fs::end(at);
       at.increment(gone)) {
    if (gone) break;
    if (at->is_symlink(gone) || !at->is_regular_file(gone)) continue;
    const State state{at->file_size(gone), at->last_write_time(gone)};
    if (!gone) now[at->path().string()] = state;
  }
  for (const auto& [path, state] : now) {
    const auto before = seen_.find(path), there = uploaded_.find(path);
    if (there != uploaded_.end() && there->second == state) continue;
    if (!last && (before == seen_.end() || before->second != state)) continue;
    upload(path);
    uploaded_[path] = state;
  }
  seen_.swap(now);
}

void FolderSync::upload(const fs::path& file) {
  const auto to = s3::parse_s3_uri(join_uri(uri_, file.lexically_relative(folder_).string()));
  if (!to) throw ClientError(fmt::format("\"{}\" is not an S3 URI", uri_));
  s3_.put_object(to->bucket, to->key, http::Body::file(file.string(), 0, fs::file_size(file)));
}

void FolderSync::finish() {
  loop_->stop();
  loop_.reset();
  try {
    look(true);
  } catch (const AwsError& error) {
    throw ClientError(
        fmt::format("Data upload failed to \"{}\": {}: {}", uri_, error.code, error.what()));
  }
}

}  // namespace engine::sagemaker
